/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * point - see point.h.
 *
 * Which manifest: the one the repository shows, when it is newer than the last
 * one believed; else, or when it fails, the last one believed, with the files
 * it listed (RFC 9286 6.2, 6.6; RFC 9981 for the number).
 */
#include "validator/point.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/uri.h"
#include "crypto/digest.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "store/results.h"
#include "validator/attempt.h"

/* Counts up with every change to what an answer says or how it is written. */
enum { POINT_FORMAT = 3 };

/* What may stand in a folder beside what a manifest lists, for it to be looked
 * at as a whole. */
enum { FOLDER_SPARE = 16, FOLDER_LISTED = 1 << 20 };

struct point {
	struct point_judge *judge;
	const struct point_job *job;
	struct point_result *result;
	struct kv_txn *txn;
	struct span span;
	struct attempt fresh;
	bool has_last;          /* a last good manifest at this very URI */
	bool has_any;           /* one of this CA, perhaps under another name */
	struct lastgood last;   /* at this URI; else the newest */
	struct lastgood newest; /* of this CA, whatever its name */
	struct octets failed;   /* findings of a failed fresh attempt */
};

struct point_judge *
point_judge_new(const struct point_court *court)
{
	struct point_judge *judge = mem_zero(1, sizeof(*judge));

	judge->court = court;
	judge->verifier = verify_new();
	judge->arena = arena_new();
	judge->scratch = arena_new();
	judge->slot = court->box != NULL ? blackbox_slot(court->box) : NULL;
	return judge;
}

void
point_judge_free(struct point_judge *judge)
{
	if (judge == NULL) {
		return;
	}
	verify_free(judge->verifier);
	arena_free(judge->arena);
	arena_free(judge->scratch);
	free(judge);
}

void
point_result_free(struct point_result *result)
{
	if (result == NULL) {
		return;
	}
	octets_clear(&result->answer);
	free(result->files);
	free(result);
}

void
point_rules(const struct policy *policy, struct hash *out)
{
	struct octets o = { 0 };

	octets_text(&o, PACKAGE_VERSION);
	octets_u32(&o, POINT_FORMAT);
	octets_u8(&o, policy->strict);
	octets_u64(&o, policy->stale);
	octets_u64(&o, policy->unknown_objects);
	octets_u64(&o, policy->max_object_size);
	octets_u64(&o, policy->max_manifest_entries);
	octets_u64(&o, policy->max_blocks);
	for (size_t i = 0; i < policy->tal_count; i++) {
		octets_text(&o, policy->tals[i].name);
		octets_run(&o, policy->tals[i].constraints);
	}
	digest_of(octets_bytes(&o), out);
	octets_clear(&o);
}

static struct attempt
attempt_of(struct point *p, enum attempt_from from)
{
	return (struct attempt){
		.judge = p->judge,
		.job = p->job,
		.txn = p->txn,
		.from = from,
		.span = &p->span,
		.answer = &p->result->answer,
		.object = { .kind = KIND_MANIFEST,
		    .uri = p->job->ca->own.manifest_uri },
	};
}

/* What the store knows of earlier times. */
static void
look_back(struct point *p)
{
	const struct ca_seed *own = &p->job->ca->own;

	p->has_any = lastgood_newest(p->txn, &own->ski, &p->newest,
			 p->judge->arena) == 0;
	/* Nearly always they are the same row. */
	if (p->has_any && strcmp(p->newest.uri, own->manifest_uri) == 0) {
		p->last = p->newest;
		p->has_last = true;
		return;
	}
	p->has_last = lastgood_get(p->txn, &own->ski, own->manifest_uri,
			  &p->last, p->judge->arena) == 0;
	if (!p->has_last) {
		p->last = p->newest;
	}
}

static bool
fresh_failed(struct attempt *a, enum fault fault)
{
	a->fault = fault;
	a->fault_uri = a->object.uri;
	a->fault_object = a->object.hash;
	return false;
}

/* Have the octets of the manifest that the repository shows now; false:
 * fresh.fault says why. */
static bool
find_fresh(struct point *p)
{
	struct attempt *a = &p->fresh;
	int rc = p->job->mirror == 0 ? -ENOENT
				     : mirror_find(p->txn, p->job->mirror,
					   a->object.uri, &a->object.hash);
	enum fault missing = FAULT_MANIFEST_MISSING;

	if (rc == 0) {
		rc = objects_get(p->txn, &a->object.hash, &a->object.octets);
		missing = FAULT_OBJECT_SIZE; /* listed without its octets */
	}
	if (rc != 0) {
		a->absent = true;
		a->machine = rc == -ENOENT || rc == -EBADMSG ? 0 : rc;
		a->damaged = rc == -EBADMSG;
		a->spoilt = a->object.hash;
		return fresh_failed(a,
		    rc == -ENOENT ? missing : FAULT_STORE_IO);
	}
	return true;
}

static bool
same_as_last(const struct point *p)
{
	return p->has_last &&
	       hash_equal(&p->last.manifest, &p->fresh.object.hash);
}

/*
 * May the manifest follow the last one believed (RFC 9286 4.2.1)? Another name
 * than that of the newest frees the number, not the time (RFC 9981 3).
 */
static bool
follows_last(struct point *p)
{
	const struct manifest *m = &p->fresh.content.manifest;
	bool renamed;

	if (!p->has_any || same_as_last(p)) {
		return true;
	}
	renamed =
	    strcmp(uri_name(p->newest.uri), uri_name(p->fresh.object.uri)) != 0;
	if (!renamed &&
	    memcmp(m->number, p->last.number, sizeof(m->number)) <= 0) {
		return fresh_failed(&p->fresh, FAULT_MANIFEST_NUMBER_BACK);
	}
	if (m->this_update <= p->last.this_update) {
		return fresh_failed(&p->fresh, FAULT_MANIFEST_TIME_BACK);
	}
	return true;
}

/*
 * All that the answer depends on, but for the time. Once a manifest has been
 * believed it is itself the last good one: `settled` says it as the next run
 * will see it.
 */
static void
digest_inputs(struct point *p, bool settled)
{
	const struct ca_seed *own = &p->job->ca->own;
	struct octets o = { 0 };

	octets_add_bytes(&o, hash_bytes(&p->judge->court->rules));
	octets_u16(&o, p->job->ca->ta);
	octets_u8(&o, p->job->ca->depth == 0);
	octets_add_bytes(&o, hash_bytes(&own->certificate));
	octets_add_bytes(&o, hash_bytes(&p->job->ca->holds));
	octets_text(&o, own->manifest_uri);
	octets_add_bytes(&o, hash_bytes(&p->fresh.object.hash));
	if (p->has_any && !settled) {
		octets_u8(&o, p->has_last);
		octets_text(&o, p->last.uri);
		octets_add_bytes(&o, hash_bytes(&p->last.manifest));
	}
	digest_of(octets_bytes(&o), &p->result->inputs);
	octets_clear(&o);
}

static bool
folder_digest(const struct point *p, uint32_t most, struct hash *digest)
{
	return mirror_folder(p->txn, p->job->mirror,
		   p->job->ca->own.repository_uri, most, digest) == 0;
}

/*
 * Is the folder as it was when all that the manifest lists was in it? Then it
 * is so now: the manifest is the same, or it would have another answer, and
 * need not even be decoded. Each row of the folder is read for that, and a
 * damaged one is none that stands as before.
 */
static bool
same_folder(const struct point *p, const struct result *kept)
{
	const struct ward *ward = p->judge->court->ward;
	struct hash now;

	if (ward != NULL &&
	    ward_has(ward, QUARANTINE_OBJECT, &p->fresh.object.hash)) {
		return false;
	}
	return kept->most != 0 && folder_digest(p, kept->most, &now) &&
	       hash_equal(&now, &kept->folder);
}

/* For the next run. Where a thousand CAs share a folder, each would look at
 * what all of them have in it: there, what is listed is looked up. */
static void
note_folder(struct point *p)
{
	size_t listed = p->fresh.content.manifest.count;
	uint32_t most =
	    listed < FOLDER_LISTED ? 2 * (uint32_t)listed + FOLDER_SPARE : 0;

	if (most != 0 && folder_digest(p, most, &p->result->folder)) {
		p->result->folder_most = most;
	}
}

enum recall { RECALL_UNOPENED, RECALL_COMPLETE };

/* The remembered answer; to a manifest that was not looked into, only where
 * nothing else can have changed. */
static bool
recall(struct point *p, enum recall how)
{
	struct point_result *r = p->result;
	struct answer_reader reader;
	struct answer_head head;
	struct result kept;

	if (!p->judge->court->policy->memory ||
	    results_get(p->txn, &r->inputs, p->judge->court->now, &kept) != 0 ||
	    !answer_open(&reader, &head, kept.octets, p->judge->arena)) {
		return false;
	}
	/* What is believed must also stand as the last good version. */
	if (head.state == ANSWER_VALID && !same_as_last(p)) {
		return false;
	}
	if (how == RECALL_UNOPENED && !same_folder(p, &kept)) {
		return false;
	}
	if (how == RECALL_COMPLETE) {
		note_folder(p);
		r->remember = r->folder_most != 0;
	}
	r->head = head;
	octets_reset(&r->answer);
	octets_add_bytes(&r->answer, kept.octets);
	r->remembered = true;
	return true;
}

static void
finish(struct point *p, const struct attempt *a, enum answer_state state)
{
	struct answer_head *head = &p->result->head;

	head->state = state;
	head->from = p->span.from;
	head->until = p->span.until;
	if (a != NULL) {
		const struct manifest *m = &a->content.manifest;

		head->manifest = a->object.hash;
		memcpy(head->number, m->number, sizeof(head->number));
		head->this_update = m->this_update;
		head->next_update = m->next_update;
		head->stale = a->stale;
	}
	answer_count(&p->result->answer,
	    state == ANSWER_REJECTED ? REPORT_REJECTED_POINTS
				     : REPORT_VALID_POINTS,
	    1);
	answer_end(&p->result->answer, head);
}

static void
keep_files(struct point *p)
{
	const struct manifest *m = &p->fresh.content.manifest;
	struct point_result *r = p->result;

	r->files = mem_zero(m->count, sizeof(*r->files));
	r->file_count = m->count;
	for (size_t i = 0; i < m->count; i++) {
		r->files[i] = m->entries[i].hash;
	}
}

static enum report_counter
manifest_counter(enum fault fault)
{
	if (fault == FAULT_MANIFEST_MISSING) {
		return REPORT_MISSING_MANIFESTS;
	}
	if (fault == FAULT_MANIFEST_PREMATURE) {
		return REPORT_PREMATURE_MANIFESTS;
	}
	if (fault == FAULT_MANIFEST_STALE) {
		return REPORT_STALE_MANIFESTS;
	}
	return REPORT_INVALID_MANIFESTS;
}

static void
note_failure(struct octets *out, const struct attempt *a)
{
	answer_finding(out, &(struct answer_finding){ .fault = a->fault,
				.uri = a->fault_uri,
				.detail = a->detail,
				.object = a->fault_object });
	answer_count(out, manifest_counter(a->fault), 1);
}

/* The last good version, or nothing at all. */
static void
fall_back(struct point *p)
{
	struct attempt kept = attempt_of(p, ATTEMPT_KEPT);
	struct octets *answer = &p->result->answer;

	answer_begin(answer);
	note_failure(answer, &p->fresh);
	/* The same octets fail the same way, unless a file was missing. */
	if (p->has_last && (p->fresh.absent || !same_as_last(p))) {
		kept.object.hash = p->last.manifest;
		kept.detail = "last good version";
		if (objects_get(p->txn, &p->last.manifest,
			&kept.object.octets) == 0 &&
		    attempt_open(&kept) && attempt_run(&kept)) {
			finish(p, &kept, ANSWER_KEPT);
			return;
		}
		answer_begin(answer);
		note_failure(answer, &p->fresh);
		if (kept.fault != FAULT_NONE) {
			note_failure(answer, &kept);
		}
	}
	finish(p, NULL, ANSWER_REJECTED);
}

/* What was kept of it from before the operator's word is left out too. */
static void
leave_out(struct point *p)
{
	struct octets *answer = &p->result->answer;

	answer_begin(answer);
	answer_finding(answer,
	    &(struct answer_finding){ .fault = FAULT_REPOSITORY_SKIPPED,
		.uri = p->fresh.object.uri });
	finish(p, NULL, ANSWER_REJECTED);
}

static void
judge_in_txn(struct point *p)
{
	struct point_result *r = p->result;
	bool opened, complete = false;

	p->fresh = attempt_of(p, ATTEMPT_MIRROR);
	if (p->job->left_out) {
		leave_out(p);
		return;
	}
	look_back(p);
	opened = find_fresh(p);
	if (opened) {
		digest_inputs(p, same_as_last(p));
		if (recall(p, RECALL_UNOPENED)) {
			return;
		}
		opened = attempt_open(&p->fresh);
	}
	if (opened) {
		complete = attempt_complete(&p->fresh);
		if (complete && recall(p, RECALL_COMPLETE)) {
			return;
		}
		opened = complete && follows_last(p);
	}
	answer_begin(&r->answer);
	if (opened && attempt_run(&p->fresh)) {
		finish(p, &p->fresh, ANSWER_VALID);
		keep_files(p);
		digest_inputs(p, true);
		r->remember = true;
	} else {
		fall_back(p);
		/* What rests on older files is worked out again each time. */
		r->remember = complete && !p->fresh.absent && !p->has_any;
	}
	if (r->remember) {
		note_folder(p);
	}
	r->machine = p->fresh.machine;
	r->differs = p->fresh.fault == FAULT_MANIFEST_FILE_HASH;
	r->damaged = p->fresh.damaged;
	r->spoilt = p->fresh.spoilt;
}

struct point_result *
point_judge(struct point_judge *judge, const struct point_job *job)
{
	struct point_result *result = mem_zero(1, sizeof(*result));
	unsigned long before = verify_count(judge->verifier);
	struct point point = {
		.judge = judge,
		.job = job,
		.result = result,
		.span = span_at(judge->court->now),
	};

	result->job = *job;
	result->machine = kv_read(judge->court->kv, &point.txn);
	if (result->machine == 0) {
		judge_in_txn(&point);
		kv_abort(point.txn);
	} else {
		answer_begin(&result->answer);
		finish(&point, NULL, ANSWER_REJECTED);
	}
	if (!result->remembered) {
		result->head.signatures =
		    (uint32_t)(verify_count(judge->verifier) - before);
	}
	arena_reset(judge->arena);
	arena_reset(judge->scratch);
	return result;
}
