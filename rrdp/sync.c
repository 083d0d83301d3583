/* SPDX-License-Identifier: BSD-2-Clause */
/* sync - see sync.h. */
#include "rrdp/sync.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/uri.h"
#include "rrdp/batch.h"
#include "rrdp/document.h"
#include "rrdp/ledger.h"
#include "rrdp/notice.h"
#include "rrdp/parcel.h"
#include "rrdp/plan.h"
#include "store/repository.h"

enum state { STATE_NOTICE, STATE_DELTAS, STATE_SNAPSHOT, STATE_DONE, STATES };

enum { DELTAS_LEAST = 65536 }; /* octets */

static const char too_large[] = "large-delta-set";

struct sync {
	const struct sync_job *job;
	struct sync_result *result;
	struct arena *arena;
	struct uri notify;
	struct ledger ledger;
	struct repository have;
	struct notice notice;
	struct plan plan;
	struct http_answer answer; /* to the notification */
	uint64_t unpacked;         /* octets of objects taken out so far */
};

/* --- small things */

static enum state
fail(struct sync *sync, enum fault fault, const char *detail)
{
	sync->result->fault = fault;
	snprintf(sync->result->detail, sizeof(sync->result->detail), "%s",
	    detail != NULL ? detail : "");
	return STATE_DONE;
}

static enum state
fail_store(struct sync *sync, int rc)
{
	return fail(sync, FAULT_STORE_IO, strerror(-rc));
}

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Of what was allowed for the whole repository. */
static uint64_t
left_of(const struct sync *sync, uint64_t used)
{
	uint64_t all = sync->job->max_repository;

	return used < all ? all - used : 0;
}

static long
read_spool(void *arg, void *into, size_t room)
{
	return spool_read(arg, into, room);
}

/* --- getting a file */

struct wanted {
	const char *uri;
	const char *etag, *last_modified;
	struct spool *into;
	int64_t deadline_ms; /* 0: the job's */
};

/* So many octets, or what the repository has left. */
static uint64_t
room_for(const struct sync *sync, uint64_t most)
{
	return smaller(most, left_of(sync, sync->result->octets));
}

static enum fault
get(struct sync *sync, const struct wanted *wanted, struct http_answer *answer)
{
	struct http_request request = {
		.uri = wanted->uri,
		.etag = wanted->etag,
		.last_modified = wanted->last_modified,
		.into = wanted->into,
		.deadline_ms = wanted->deadline_ms != 0
				   ? wanted->deadline_ms
				   : sync->job->deadline_ms,
		.allow_near = sync->job->allow_near,
		.meter = sync->job->meter,
	};
	enum fault fault;

	*answer = (struct http_answer){ .status = -1 };
	if (spool_room(wanted->into) == 0) {
		return FAULT_RRDP_LIMIT;
	}
	fault = http_get(sync->job->http, &request, answer);
	sync->result->octets += answer->octets;
	sync->result->retry_after = answer->retry_after;
	if (answer != &sync->answer) {
		sync->result->payload_status = answer->status;
	}
	return fault;
}

static struct ledger_news
news_of(const struct sync *sync)
{
	return (struct ledger_news){ .notice = &sync->notice,
		.etag = sync->answer.etag,
		.last_modified = sync->answer.last_modified };
}

/* Mirror and row in one transaction: the old state or the new. */
static int
apply(struct sync *sync, struct ledger_change *change)
{
	struct ledger_news news = news_of(sync);
	int rc = ledger_apply(&sync->ledger, &news, change);

	if (rc == 0) {
		sync->result->noted = true;
		sync->result->changed |= change->result.changed;
	}
	return rc;
}

/* --- snapshots and deltas */

static void
note_some(const struct sync *sync, enum fault oddity, uint32_t count,
    const struct notice_file *file)
{
	if (count > 0) {
		log_info(sync->job->log, "%s: %s (%u in %s)", sync->notify.text,
		    fault_label(oddity), count, file->uri.text);
	}
}

static struct parcel_job
parcel_of(const struct sync *sync, const struct notice_file *file,
    enum document_kind kind)
{
	return (struct parcel_job){
		.hash = file->hash,
		.ceiling = room_for(sync, sync->job->max_file),
		.document = {
			.kind = kind,
			.session = sync->notice.session,
			.serial = file->serial,
			.max_object = sync->job->max_object,
			.max_octets = left_of(sync, sync->unpacked),
			.max_items = sync->job->max_items,
		},
	};
}

/* It came whole: is it what the notification said? */
static enum fault
end_parcel(struct sync *sync, struct parcel *parcel,
    const struct notice_file *file)
{
	enum fault fault = parcel_end(parcel);
	const struct document_report *report = parcel_report(parcel);

	if (fault == FAULT_RRDP_HASH) {
		return fault;
	}
	sync->unpacked += report->octets;
	note_some(sync, FAULT_RRDP_OBJECT, report->oversize, file);
	note_some(sync, FAULT_RRDP_NAME, report->nameless, file);
	if (fault != FAULT_NONE) {
		snprintf(sync->result->detail, sizeof(sync->result->detail),
		    "%.110s%s%.120s", report->detail,
		    report->detail[0] != '\0' && report->uri[0] != '\0'
			? ", at "
			: "",
		    report->uri);
	}
	return fault;
}

/* --- deltas */

static enum state
turn_to_snapshot(struct sync *sync, const char *reason, const char *why)
{
	http_hang_up(sync->job->http);
	sync->plan.reason = reason;
	sync->result->detail[0] = '\0';
	log_info(sync->job->log, "%s: snapshot, %s (%s)", sync->notify.text,
	    reason, why);
	return STATE_SNAPSHOT;
}

/* What all deltas together may cost. */
struct budget {
	uint64_t octets;
	int64_t deadline_ms;
};

/* Take one into the batch; NULL when well, else the reason for the snapshot. */
static const char *
take_delta(struct sync *sync, const struct notice_file *file,
    struct batch *batch, struct budget *budget)
{
	struct parcel_job job = parcel_of(sync, file, DOCUMENT_DELTA);
	uint64_t ceiling = smaller(budget->octets, sync->job->max_file);
	struct wanted wanted = { .uri = file->uri.text,
		.deadline_ms = budget->deadline_ms };
	const char *reason = "unavailable-delta";
	struct http_answer answer;
	struct parcel *parcel;
	enum fault fault;

	job.ceiling = smaller(job.ceiling, ceiling);
	job.batch = batch;
	parcel = parcel_new(&job);
	wanted.into = parcel_spool(parcel);
	fault = get(sync, &wanted, &answer);
	if (fault == FAULT_NONE) {
		budget->octets -= spool_size(wanted.into);
		fault = end_parcel(sync, parcel, file);
		reason = "bad-delta";
	} else if (fault == FAULT_HTTP_SIZE && ceiling == budget->octets) {
		reason = too_large;
	}
	if (fault != FAULT_NONE && strcmp(reason, too_large) != 0) {
		log_fault(sync->job->log, LOG_LEVEL_WARN, file->uri.text, fault,
		    answer.detail[0] != '\0' ? answer.detail
					     : sync->result->detail);
	}
	parcel_free(parcel);
	return fault == FAULT_NONE ? NULL : reason;
}

/* Deltas that cost more than the snapshot are not worth it, unless neither
 * costs anything to speak of. And many slow ones leave it half of the time:
 * else they would be all there is, in this run and in the next. */
static struct budget
delta_budget(const struct sync *sync)
{
	uint64_t last = sync->have.snapshot_octets;
	int64_t now = clock_mono_ms();

	if (last == 0) {
		last = sync->job->max_file;
	} else if (last < DELTAS_LEAST) {
		last = DELTAS_LEAST;
	}
	return (
	    struct budget){ last, now + (sync->job->deadline_ms - now) / 2 };
}

static const char *
take_deltas(struct sync *sync, struct batch *batch)
{
	struct budget budget = delta_budget(sync);

	for (size_t i = sync->plan.first; i < sync->notice.delta_count; i++) {
		const char *reason = too_large;

		if (budget.octets > 0) {
			reason = take_delta(sync, &sync->notice.deltas[i],
			    batch, &budget);
		}
		if (reason != NULL) {
			return reason;
		}
	}
	return NULL;
}

static enum state
step_deltas(struct sync *sync)
{
	struct ledger_change change = { .mode = BATCH_CHANGE };
	enum state next = STATE_DONE;
	const char *reason;
	int rc = 0;

	change.batch =
	    batch_new(store_spool_dir(sync->job->store), sync->job->max_object);
	reason = take_deltas(sync, change.batch);
	if (reason == NULL) {
		rc = apply(sync, &change);
	}
	batch_free(change.batch);
	if (reason != NULL) {
		next = turn_to_snapshot(sync, reason, "deltas cannot be used");
	} else if (change.result.conflict) {
		log_fault(sync->job->log, LOG_LEVEL_WARN, sync->notify.text,
		    FAULT_RRDP_CONFLICT, change.result.uri);
		next = turn_to_snapshot(sync, "conflicting-delta",
		    change.result.uri);
	} else if (rc != 0) {
		next = fail_store(sync, rc);
	}
	return next;
}

/* --- the snapshot */

/* Into a batch and the store: 0 or -errno where `fault` is none. */
static int
take_snapshot(struct sync *sync, const struct parcel_job *job,
    struct http_answer *answer, enum fault *fault)
{
	const struct notice_file *file = &sync->notice.snapshot;
	struct parcel *parcel = parcel_new(job);
	struct wanted wanted = { .uri = file->uri.text,
		.into = parcel_spool(parcel) };
	struct ledger_change change = { .batch = job->batch,
		.mode = BATCH_REPLACE };
	int rc = 0;

	*fault = get(sync, &wanted, answer);
	if (*fault == FAULT_NONE) {
		*fault = end_parcel(sync, parcel, file);
		memcpy(answer->detail, sync->result->detail,
		    sizeof(answer->detail));
	}
	if (*fault == FAULT_NONE) {
		change.snapshot_octets = spool_size(wanted.into);
		rc = apply(sync, &change);
	}
	parcel_free(parcel);
	return rc;
}

/* Where something was held before, the batch leaves out what the store has;
 * all is kept with `whole`, should the store have lost some meanwhile. */
static int
try_snapshot(struct sync *sync, bool whole, struct http_answer *answer,
    enum fault *fault)
{
	struct parcel_job job;
	int rc;

	sync->unpacked = 0;
	job = parcel_of(sync, &sync->notice.snapshot, DOCUMENT_SNAPSHOT);
	if (!whole && sync->have.session != NULL) {
		job.kv = store_kv(sync->job->store);
	}
	job.batch =
	    batch_new(store_spool_dir(sync->job->store), sync->job->max_object);
	rc = take_snapshot(sync, &job, answer, fault);
	batch_free(job.batch);
	return rc;
}

static enum state
step_snapshot(struct sync *sync)
{
	enum state next = STATE_DONE;
	struct http_answer answer;
	enum fault fault;
	int rc;

	sync->result->snapshot_reason = sync->plan.reason;
	rc = try_snapshot(sync, false, &answer, &fault);
	if (rc == -ESTALE) {
		rc = try_snapshot(sync, true, &answer, &fault);
	}
	if (fault != FAULT_NONE) {
		char detail[sizeof(answer.detail)];

		snprintf(detail, sizeof(detail), "snapshot%s%.240s",
		    answer.detail[0] != '\0' ? ": " : "", answer.detail);
		next = fail(sync, fault, detail);
	} else if (rc != 0) {
		next = fail_store(sync, rc);
	}
	return next;
}

/* --- the notification */

static void
note_oddities(const struct sync *sync)
{
	const struct oddities *odd = &sync->notice.odd;

	for (unsigned i = 0; i < odd->count; i++) {
		log_info(sync->job->log, "%s: %s (%s)", sync->notify.text,
		    fault_label((enum fault)odd->list[i]),
		    fault_source((enum fault)odd->list[i]));
	}
}

static enum fault
read_notice(struct sync *sync, struct spool *spool)
{
	struct xml_source source = { read_spool, spool };
	char detail[XML_DETAIL];
	enum fault fault;

	spool_rewind(spool);
	fault = notice_read(&sync->notice, &source, sync->arena, detail);
	if (fault == FAULT_NONE) {
		fault = notice_origin(&sync->notice, &sync->notify);
	}
	if (fault != FAULT_NONE) {
		(void)fail(sync, fault, detail);
		return fault;
	}
	note_oddities(sync);
	return FAULT_NONE;
}

static enum state
follow_plan(struct sync *sync)
{
	struct ledger_news news = news_of(sync);
	int rc = 0;

	switch (sync->plan.way) {
	case PLAN_NOTHING:
		if (!ledger_current(&sync->have, &news)) {
			rc = ledger_renew(&sync->ledger, &news);
			sync->result->noted = rc == 0;
		}
		break;
	case PLAN_REFUSE:
		rc = ledger_back(&sync->ledger, sync->have.back + 1);
		if (rc == 0) {
			return fail(sync, FAULT_RRDP_SERIAL_BACK, NULL);
		}
		break;
	case PLAN_DELTAS:
		return STATE_DELTAS;
	case PLAN_SNAPSHOT:
		if (strstr(sync->plan.reason, "mutation") != NULL) {
			log_warn(sync->job->log,
			    "%s: %s: session is out of step (RFC 9697 3)",
			    sync->notify.text, sync->plan.reason);
		}
		return STATE_SNAPSHOT;
	}
	return rc == 0 ? STATE_DONE : fail_store(sync, rc);
}

static const char *
without_weakness(const char *etag)
{
	return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

/* A 304 that speaks of another version than the one we hold (RFC 9111 4.3.4),
 * or a refusal of the condition itself, says nothing of what there is. */
static bool
misses_the_point(const struct sync *sync)
{
	const char *held = sync->have.etag, *given = sync->answer.etag;

	return sync->answer.status == 412 ||
	       (sync->answer.status == 304 && held != NULL &&
		   given[0] != '\0' &&
		   strcmp(without_weakness(given), without_weakness(held)) !=
		       0);
}

/* With the conditions that go with what we hold; without where they are of no
 * use. */
static enum fault
get_notice(struct sync *sync, struct wanted *wanted)
{
	enum fault fault;

	if (sync->have.session == NULL) {
		return get(sync, wanted, &sync->answer);
	}
	wanted->etag = sync->have.etag;
	wanted->last_modified = sync->have.last_modified;
	fault = get(sync, wanted, &sync->answer);
	if ((wanted->etag != NULL || wanted->last_modified != NULL) &&
	    misses_the_point(sync)) {
		wanted->etag = wanted->last_modified = NULL;
		fault = get(sync, wanted, &sync->answer);
	}
	return fault;
}

/* The server is where we are, and not behind any more if it was. */
static enum state
stand(struct sync *sync)
{
	int rc = sync->have.back != 0 ? ledger_back(&sync->ledger, 0) : 0;

	return rc == 0 ? STATE_DONE : fail_store(sync, rc);
}

static enum state
step_notice(struct sync *sync)
{
	struct wanted wanted = { .uri = sync->notify.text,
		.into = spool_new(store_spool_dir(sync->job->store),
		    room_for(sync, sync->job->max_notification)) };
	enum state next = STATE_DONE;
	enum fault fault = get_notice(sync, &wanted);

	sync->result->status = sync->answer.status;
	if (fault != FAULT_NONE) {
		next = fail(sync, fault, sync->answer.detail);
	} else if (sync->answer.status == 304) {
		next = stand(sync);
	} else if (read_notice(sync, wanted.into) == FAULT_NONE) {
		sync->plan = plan_choose(&sync->have, &sync->notice,
		    sync->job->max_deltas);
		next = follow_plan(sync);
	}
	spool_free(wanted.into);
	return next;
}

/* --- all together */

static const struct {
	const char *name;
	enum state (*step)(struct sync *sync);
	enum sync_step tell;
} states[STATES] = {
	[STATE_NOTICE] = { "notice", step_notice, SYNC_NOTICE },
	[STATE_DELTAS] = { "deltas", step_deltas, SYNC_DELTAS },
	[STATE_SNAPSHOT] = { "snapshot", step_snapshot, SYNC_SNAPSHOT },
	[STATE_DONE] = { "done", NULL, SYNC_NOTICE },
};

static enum fault
check_notify(struct sync *sync)
{
	enum fault fault = field_uri(&sync->notify,
	    text_bytes(sync->job->notify), URI_HTTPS, sync->arena);

	if (fault == FAULT_NONE && !sync->job->allow_dubious &&
	    uri_dubious(&sync->notify)) {
		fault = FAULT_HTTP_DUBIOUS;
	}
	return fault;
}

static void
advance(struct sync *sync)
{
	const struct sync_job *job = sync->job;
	enum state state = STATE_NOTICE;

	while (state != STATE_DONE) {
		enum state from = state;

		if (job->on_step != NULL) {
			job->on_step(job->arg, states[state].tell);
		}
		state = states[state].step(sync);
		log_debug(job->log, "%s: %s -> %s", sync->notify.text,
		    states[from].name, states[state].name);
	}
}

void
sync_run(const struct sync_job *job, struct sync_result *result)
{
	struct sync sync = { .job = job, .result = result };
	enum fault fault;
	int rc;

	*result = (struct sync_result){ .status = -1 };
	sync.arena = arena_new();
	fault = check_notify(&sync);
	if (fault != FAULT_NONE) {
		(void)fail(&sync, fault, NULL);
		arena_free(sync.arena);
		return;
	}
	sync.ledger = (struct ledger){
		.kv = store_kv(job->store),
		.uri = sync.notify.text,
		.now = job->now,
		.arena = sync.arena,
		.note = job->note,
		.arg = job->note_arg,
	};
	rc = ledger_read(&sync.ledger, &sync.have, NULL);
	if (rc == 0) {
		advance(&sync);
		rc = ledger_read(&sync.ledger, &sync.have, &result->objects);
	}
	if (rc != 0 && result->fault == FAULT_NONE) {
		(void)fail_store(&sync, rc);
	}
	snprintf(result->session, sizeof(result->session), "%s",
	    sync.have.session != NULL ? sync.have.session : "");
	result->serial = sync.have.serial;
	result->mirror = sync.have.number;
	arena_free(sync.arena);
}
