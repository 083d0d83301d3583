/* SPDX-License-Identifier: BSD-2-Clause */
/* sweep - see sweep.h. */
#include "store/sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/octets.h"
#include "store/bars.h"
#include "store/damage.h"
#include "store/lastgood.h"
#include "store/leftover.h"
#include "store/live.h"
#include "store/meta.h"
#include "store/objects.h"
#include "store/quarantine.h"
#include "store/repository.h"
#include "store/results.h"
#include "store/used.h"
#include "store/weight.h"

enum {
	DAY = 86400,
	LASTGOOD_ENDED = 30 * DAY,  /* after nextUpdate: its files */
	LASTGOOD_UNUSED = 90 * DAY, /* since anyone asked */
	QUARANTINE_KEPT = 7 * DAY,
	SLICE_LOOKED = 5000, /* rows looked at in one transaction */
	SLICE_CHANGED = 400, /* rows changed in one transaction */
	EVERY = 3600,
	FAR = 3 * DAY, /* from the last time */
};

static const char last_time[] = "swept";

struct sweep {
	struct store *store;
	struct log *log;
	int64_t now, grace;
	const struct met *met; /* NULL: not known */
	struct bars *bars;
	struct sweep_report *report;
	struct live live;
	struct arena *arena;
	bool objects_due; /* there is one to be changed */
	unsigned changed; /* rows changed in this transaction */
};

/* Is it longer ago than it may be? What lies in the future is not. */
static bool
is_past(const struct sweep *sweep, int64_t when, int64_t allowed)
{
	int64_t end;

	return !__builtin_add_overflow(when, allowed, &end) && end < sweep->now;
}

/* Decide on one row of a table: keep it, change it or remove it. The row is
 * lent until something is written. */
typedef int judge_fn(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value);

/* From *at on; *at becomes the key after the last one looked at. -ENOENT at
 * the end of the table. */
static int
judge_slice(struct sweep *sweep, struct kv_txn *txn, enum kv_table table,
    judge_fn *judge, struct octets *at)
{
	struct bytes key, value;
	int rc = 0;

	sweep->changed = 0;
	for (unsigned i = 0;
	     i < SLICE_LOOKED && sweep->changed < SLICE_CHANGED && rc == 0;
	     i++) {
		rc = kv_seek(txn, table, octets_bytes(at), &key, &value);
		if (rc != 0) {
			break;
		}
		octets_reset(at);
		octets_add_bytes(at, key);
		if (key.len < KV_KEY) {
			octets_u8(at, 0); /* the next key there can be */
		} else {
			at->at[at->len - 1]++;
		}
		arena_reset(sweep->arena);
		rc = judge(sweep, txn, key, value);
	}
	return rc;
}

static int
judge_table(struct sweep *sweep, enum kv_table table, judge_fn *judge)
{
	struct octets at = { 0 };
	struct kv_txn *txn;
	int rc, ended;

	do {
		rc = kv_write(store_kv(sweep->store), &txn);
		if (rc != 0) {
			break;
		}
		rc = judge_slice(sweep, txn, table, judge, &at);
		if (rc == 0 || rc == -ENOENT) {
			ended = kv_commit(txn);
			rc = ended != 0 ? ended : rc;
		} else {
			kv_abort(txn);
		}
	} while (rc == 0);
	octets_clear(&at);
	return rc == -ENOENT ? 0 : rc;
}

/* A judge's answer when a row that it meant to touch is not there: nothing. */
static int
changed(struct sweep *sweep, int rc)
{
	sweep->changed++;
	return rc == -ENOENT ? 0 : rc;
}

/* The key is lent from the page that is about to be written. */
static int
remove_row(struct sweep *sweep, struct kv_txn *txn, enum kv_table table,
    struct bytes key)
{
	return changed(sweep,
	    kv_del(txn, table, arena_copy(sweep->arena, key)));
}

static int
remove_repository(struct sweep *sweep, struct kv_txn *txn,
    const struct repository *row)
{
	sweep->report->repositories_removed++;
	return changed(sweep, repository_remove(txn, row->uri));
}

static int
judge_repository(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value)
{
	struct repository row;
	int64_t seen;

	if (repository_read(key, value, &row, sweep->arena) != 0) {
		return remove_row(sweep, txn, KV_REPOSITORY, key);
	}
	seen = row.last_attempt > row.last_success ? row.last_attempt
						   : row.last_success;
	seen = row.next_due > seen ? row.next_due : seen;
	return is_past(sweep, seen, sweep->grace)
		   ? remove_repository(sweep, txn, &row)
		   : 0;
}

/* Unused for this long? A row without a mark gets one. 1: yes, 0, -errno. */
static int
is_unused(struct sweep *sweep, struct kv_txn *txn, enum kv_table table,
    struct bytes key, int64_t allowed)
{
	int64_t when;
	int rc = used_last(txn, table, key, &when);

	/* A mark of a future day is a clock that was wrong. */
	if (rc == -ENOENT || (rc == 0 && when > sweep->now + 2 * DAY)) {
		return changed(sweep, used_touch(txn, table, key, sweep->now));
	}
	return rc == 0 ? is_past(sweep, when, allowed) : rc;
}

/* Long past its end it only bars older ones (RFC 9286 4.2.1), and for that its
 * files are not needed. */
static int
forget_files(struct kv_txn *txn, struct bytes key, struct lastgood *row)
{
	struct keyid ca;

	memcpy(ca.at, key.at, KEYID_SIZE);
	row->file_count = 0;
	return lastgood_put(txn, &ca, row);
}

/* With its mark. The key is the caller's own copy. */
static int
remove_used(struct sweep *sweep, struct kv_txn *txn, enum kv_table table,
    struct bytes key)
{
	int rc = used_forget(txn, table, key);

	return rc != 0 ? rc : remove_row(sweep, txn, table, key);
}

static int
judge_lastgood(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value)
{
	struct lastgood row;
	struct bytes own = arena_copy(sweep->arena, key);
	/* A row that cannot be read is left for its CA to complain about. */
	bool ended = lastgood_read(key, value, &row, sweep->arena) == 0 &&
		     is_past(sweep, row.next_update, LASTGOOD_ENDED);
	int rc = is_unused(sweep, txn, KV_LASTGOOD, own, LASTGOOD_UNUSED);

	if (rc == 0 && ended && row.file_count > 0) {
		return changed(sweep, forget_files(txn, own, &row));
	}
	if (rc <= 0) {
		return rc;
	}
	sweep->report->lastgood_removed++;
	return remove_used(sweep, txn, KV_LASTGOOD, own);
}

static int
judge_result(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value)
{
	struct bytes own = arena_copy(sweep->arena, key);
	int64_t until;
	int rc = 1;

	if (results_until(key, value, &until) == 0 && until >= sweep->now) {
		rc = is_unused(sweep, txn, KV_RESULT, own, sweep->grace);
	}
	if (rc <= 0) {
		return rc;
	}
	sweep->report->results_removed++;
	return remove_used(sweep, txn, KV_RESULT, own);
}

/* Marks whose row is gone by another way. */
static int
judge_mark(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value)
{
	struct bytes row;
	int rc;

	(void)value;
	if (key.len < 2 || key.at[0] >= KV_TABLES) {
		return remove_row(sweep, txn, KV_USED, key);
	}
	rc = kv_get(txn, (enum kv_table)key.at[0],
	    bytes_of(key.at + 1, key.len - 1), &row);
	return rc == -ENOENT ? remove_row(sweep, txn, KV_USED, key) : rc;
}

static int
judge_quarantine(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value)
{
	struct quarantine row;

	if (quarantine_read(key, value, &row, sweep->arena) == 0 &&
	    !is_past(sweep, row.when, QUARANTINE_KEPT)) {
		return 0;
	}
	return remove_row(sweep, txn, KV_QUARANTINE, key);
}

enum verdict { VERDICT_KEEP, VERDICT_LIST, VERDICT_UNLIST, VERDICT_REMOVE };

static enum verdict
object_verdict(const struct sweep *sweep, const struct hash *hash,
    const struct objects_row *row)
{
	if (live_has(&sweep->live, hash)) {
		return row->unlisted == 0 ? VERDICT_KEEP : VERDICT_LIST;
	}
	if (row->unlisted == 0 || row->unlisted > sweep->now) {
		return VERDICT_UNLIST;
	}
	return row->unlisted > sweep->now - sweep->grace ? VERDICT_KEEP
							 : VERDICT_REMOVE;
}

/*
 * The set of live objects is older than this transaction. What was listed since
 * has had its mark taken away by whoever listed it, so it is at worst marked
 * once more, and never removed.
 */
static int
judge_object(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value)
{
	struct objects_row row;
	struct hash hash;
	int rc = 0;

	if (key.len != HASH_SIZE || objects_read(value, &row) != 0) {
		return remove_row(sweep, txn, KV_HASH, key);
	}
	memcpy(hash.at, key.at, HASH_SIZE);
	switch (object_verdict(sweep, &hash, &row)) {
	case VERDICT_KEEP:
		return 0;
	case VERDICT_LIST:
		rc = objects_list(txn, &hash);
		break;
	case VERDICT_UNLIST:
		rc = objects_unlist(txn, &hash, sweep->now);
		break;
	case VERDICT_REMOVE:
		sweep->report->objects_removed++;
		sweep->report->octets_removed += row.octets;
		rc = objects_remove(txn, &hash);
		break;
	}
	return changed(sweep, rc);
}

/* 1: judge_object() would change this row. */
static int
look_at_object(void *arg, struct bytes key, struct bytes value)
{
	const struct sweep *sweep = arg;
	struct objects_row row;
	struct hash hash;

	if (key.len != HASH_SIZE || objects_read(value, &row) != 0) {
		return 1;
	}
	memcpy(hash.at, key.at, HASH_SIZE);
	return object_verdict(sweep, &hash, &row) != VERDICT_KEEP;
}

/* What lives, and whether an object must be judged for that: nearly always
 * none, and reading in order is quick. */
static int
gather(struct sweep *sweep)
{
	struct kv_txn *txn;
	int rc = kv_read(store_kv(sweep->store), &txn);

	if (rc != 0) {
		return rc;
	}
	rc = live_gather(&sweep->live, txn);
	if (rc == 0) {
		rc = kv_each(txn, KV_HASH, bytes_of(NULL, 0), look_at_object,
		    sweep);
	}
	sweep->objects_due = rc == 1;
	kv_abort(txn);
	return rc == 1 ? 0 : rc;
}

/* Half full: others must find room. */
static bool
is_tight(struct store *store)
{
	struct kv_usage usage;

	return kv_usage(store_kv(store), &usage) != 0 ||
	       usage.used > usage.map / 2;
}

/* --- where there is little room: what the last run did not meet */

static int
relieve_answers(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value)
{
	(void)value;
	if (met_answer(sweep->met, key)) {
		return 0;
	}
	sweep->report->results_removed++;
	return remove_used(sweep, txn, KV_RESULT,
	    arena_copy(sweep->arena, key));
}

static int
relieve_repositories(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value)
{
	struct repository row;

	return repository_read(key, value, &row, sweep->arena) != 0 ||
		       met_repository(sweep->met, row.number)
		   ? 0
		   : remove_repository(sweep, txn, &row);
}

/* Does it bar older ones of a key that was met elsewhere? 1, 0, -errno. */
static int
is_bar(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    const char *uri)
{
	struct lastgood newest;
	struct keyid ca;
	int rc;

	memcpy(ca.at, key.at, KEYID_SIZE);
	if (!met_ca_key(sweep->met, &ca)) {
		return 0;
	}
	rc = bars_newest(sweep->bars, txn, &ca, &newest, sweep->arena);
	return rc == 0 ? strcmp(newest.uri, uri) == 0 : rc;
}

static int
relieve_lastgood(struct sweep *sweep, struct kv_txn *txn, struct bytes key,
    struct bytes value)
{
	struct lastgood row;
	int rc;

	if (met_ca(sweep->met, key) ||
	    lastgood_read(key, value, &row, sweep->arena) != 0) {
		return 0;
	}
	rc = is_bar(sweep, txn, key, row.uri);
	if (rc != 0) {
		return rc < 0 ? rc : 0;
	}
	sweep->report->lastgood_removed++;
	return remove_used(sweep, txn, KV_LASTGOOD,
	    arena_copy(sweep->arena, key));
}

/* Marked first, looked for once more, then removed. */
static int
drop_unlisted(struct sweep *sweep)
{
	int rc = 0;

	sweep->objects_due = true;
	for (unsigned i = 0; rc == 0 && sweep->objects_due && i < 2; i++) {
		live_clear(&sweep->live);
		rc = gather(sweep);
		if (rc == 0 && sweep->objects_due) {
			rc = judge_table(sweep, KV_HASH, judge_object);
		}
	}
	return rc;
}

/* A store that is half full has no room for what nothing lists: or who
 * publishes much and often could fill it with what was there before, and nobody
 * else's news would be kept. Nor, where that is not enough, for what a run no
 * longer leads to: or he would publish it in another place, or by another key,
 * each time. */
static int
relieve(struct sweep *sweep)
{
	static const struct {
		enum kv_table table;
		judge_fn *judge;
	} rows[] = {
		{ KV_RESULT, relieve_answers },
		{ KV_REPOSITORY, relieve_repositories },
		{ KV_LASTGOOD, relieve_lastgood },
	};
	size_t most = sweep->met != NULL ? sizeof(rows) / sizeof(rows[0]) : 0;
	int rc;

	if (!is_tight(sweep->store)) {
		return weight_forget(store_kv(sweep->store));
	}
	sweep->grace = 0;
	rc = drop_unlisted(sweep);
	for (size_t i = 0; rc == 0 && i < most && is_tight(sweep->store); i++) {
		rc = judge_table(sweep, rows[i].table, rows[i].judge);
		rc = rc == 0 ? drop_unlisted(sweep) : rc;
	}
	return rc != 0 ? rc : weight_note(store_kv(sweep->store));
}

static int
note_time(struct store *store, int64_t now)
{
	struct octets when = { 0 };
	struct kv_txn *txn;
	int rc = kv_write(store_kv(store), &txn);

	if (rc != 0) {
		return rc;
	}
	octets_u64(&when, (uint64_t)now);
	(void)meta_put(txn, last_time, octets_bytes(&when));
	octets_clear(&when);
	return kv_commit(txn);
}

static int
read_time(struct store *store, int64_t *when)
{
	struct bytes value;
	struct kv_txn *txn;
	int rc = kv_read(store_kv(store), &txn);

	if (rc != 0) {
		return rc;
	}
	rc = meta_get(txn, last_time, &value);
	if (rc == 0) {
		struct cursor c = cursor_open(value);

		*when = (int64_t)cursor_u64(&c);
		rc = cursor_end(&c) ? 0 : -EBADMSG;
	}
	kv_abort(txn);
	return rc;
}

bool
sweep_due(struct store *store, int64_t now)
{
	int64_t when;
	int rc = read_time(store, &when);

	if (rc == -ENOENT && !is_tight(store)) {
		return note_time(store, now) != 0;
	}
	return rc != 0 || when > now || now - when >= EVERY || is_tight(store);
}

bool
sweep_knows(struct store *store, int64_t now)
{
	int64_t when;

	return read_time(store, &when) != 0 ||
	       (now - when <= FAR && when - now <= FAR);
}

/* Did a run of these days begin at this anchor, and the last one did not? */
static int
is_elsewhere(void *arg, const struct hash *spki, int64_t when)
{
	const struct sweep *sweep = arg;

	return when <= sweep->now + 2 * DAY &&
	       !is_past(sweep, when, sweep->grace) &&
	       !met_anchor(sweep->met, spki);
}

/* Then what is below that one was not met, and is wanted all the same: by who
 * has runs from several sets of anchors take turns, or when it comes back. */
static int
look_elsewhere(struct sweep *sweep)
{
	struct kv_txn *txn;
	int rc;

	if (sweep->met == NULL) {
		return 0;
	}
	rc = kv_read(store_kv(sweep->store), &txn);
	if (rc == 0) {
		rc = meta_ta_each(txn, is_elsewhere, sweep);
		kv_abort(txn);
	}
	sweep->met = rc == 0 ? sweep->met : NULL;
	return rc < 0 ? rc : 0;
}

static int
run(struct sweep *sweep)
{
	static const struct {
		enum kv_table table;
		judge_fn *judge;
	} rows[] = {
		{ KV_RESULT, judge_result },
		{ KV_QUARANTINE, judge_quarantine },
		{ KV_REPOSITORY, judge_repository },
		{ KV_LASTGOOD, judge_lastgood },
		{ KV_USED, judge_mark },
	};
	int rc = look_elsewhere(sweep);

	for (size_t i = 0; rc == 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc = judge_table(sweep, rows[i].table, rows[i].judge);
	}
	if (rc == 0) {
		rc = gather(sweep);
	}
	if (rc == 0) {
		rc = damage_mend(sweep->store, &sweep->live, sweep->log);
	}
	if (rc == 0 && sweep->objects_due) {
		rc = judge_table(sweep, KV_HASH, judge_object);
	}
	if (rc == 0) {
		rc = relieve(sweep);
	}
	if (rc == 0) {
		rc = damage_reconcile(sweep->store,
		    &sweep->report->objects_removed);
	}
	if (rc == 0) {
		rc = leftover_drop(sweep->store, sweep->now, sweep->met,
		    sweep->log, &sweep->report->trees_removed);
	}
	return rc != 0 ? rc : note_time(sweep->store, sweep->now);
}

int
sweep_run(struct store *store, int64_t now, int64_t grace,
    const struct met *met, struct sweep_report *report, struct log *log)
{
	struct sweep sweep = {
		.store = store,
		.log = log,
		.now = now,
		.grace = grace,
		.met = met,
		.report = report,
		.arena = arena_new(),
		.bars = bars_new(),
	};
	int rc;

	*report = (struct sweep_report){ 0 };
	rc = run(&sweep);
	if (report->objects_removed > 0 || report->repositories_removed > 0) {
		log_info(log,
		    "sweep: removed %" PRIu64 " objects (%" PRIu64
		    " octets), %" PRIu64 " repositories, %" PRIu64 " results",
		    report->objects_removed, report->octets_removed,
		    report->repositories_removed, report->results_removed);
	}
	live_clear(&sweep.live);
	bars_free(sweep.bars);
	arena_free(sweep.arena);
	return rc;
}
