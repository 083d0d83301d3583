/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * point - see point.h.
 *
 * Which manifest: the one the repository shows, when it is newer than the last
 * one believed; else, or when it fails, the last one believed, with the files
 * it listed, where it was then (RFC 9286 6.2, 6.6; RFC 9981 for the number).
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
#include "validator/attempt.h"
#include "validator/past.h"

/* Counts up with every change to what an answer says or how it is written. */
enum { POINT_FORMAT = 8 };

struct point {
	struct point_judge *judge;
	const struct point_job *job;
	struct point_result *result;
	struct kv_txn *txn;
	struct span span;
	struct attempt fresh;
	struct past past;
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
	int rc;
	enum fault missing = FAULT_MANIFEST_MISSING;

	if (p->job->ca->own.apart) {
		a->absent = true;
		return fresh_failed(a, FAULT_MANIFEST_ELSEWHERE);
	}
	rc = p->job->mirror == 0 ? -ENOENT
				 : mirror_find(p->txn, p->job->mirror,
				       a->object.uri, &a->object.hash);
	if (rc == 0) {
		rc = objects_get(p->txn, &a->object.hash, &a->object.octets);
		missing = FAULT_OBJECT_SIZE; /* listed without its octets */
	}
	if (rc != 0) {
		a->absent = true;
		a->machine = rc == -ENOENT || rc == -EBADMSG ? 0 : rc;
		a->damaged = rc == -EBADMSG;
		a->spoilt = a->object.hash;
		if (rc == -ENOENT && missing == FAULT_OBJECT_SIZE) {
			attempt_lacks(a, &a->object);
		}
		return fresh_failed(a,
		    rc == -ENOENT ? missing : FAULT_STORE_IO);
	}
	return true;
}

/*
 * May the manifest follow the last one believed (RFC 9286 4.2.1), also where
 * the CA published that elsewhere? Another name frees the number, not the time
 * (RFC 9981 3).
 */
static bool
follows_last(struct point *p)
{
	const struct manifest *m = &p->fresh.content.manifest;
	const struct past *past = &p->past;
	bool renamed;

	if (!past->has_last || past_is_last(past, &p->fresh.object.hash)) {
		return true;
	}
	renamed = strcmp(uri_name(past->last.uri),
		      uri_name(p->fresh.object.uri)) != 0;
	if (!renamed &&
	    memcmp(m->number, past->last.number, sizeof(m->number)) <= 0) {
		return fresh_failed(&p->fresh, FAULT_MANIFEST_NUMBER_BACK);
	}
	if (m->this_update <= past->last.this_update) {
		return fresh_failed(&p->fresh, FAULT_MANIFEST_TIME_BACK);
	}
	return true;
}

/* For the next run, if its folder was looked at as a whole. */
static void
note_folder(struct point *p)
{
	p->result->folder_most = p->fresh.most;
	p->result->folder = p->fresh.shelf.sum;
}

/* The remembered answer, to a manifest that is complete. */
static bool
recall(struct point *p)
{
	struct answer_head head;
	struct result kept;

	if (!past_answer(&p->past, p->judge->court, p->txn, &kept, &head) ||
	    !hash_equal(&kept.manifest, &p->fresh.object.hash)) {
		return false;
	}
	past_use(p->result, &kept, &head);
	p->result->fresh = kept.manifest;
	note_folder(p);
	p->result->remember = p->result->folder_most != 0;
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

/*
 * The last good version of this CA, or nothing at all. It stands by the CA's
 * key (RFC 9286 6.6): also where the CA's certificate leads to another place by
 * now, and nothing can be had there yet.
 */
static void
fall_back(struct point *p)
{
	struct attempt kept = attempt_of(p, ATTEMPT_KEPT);
	struct octets *answer = &p->result->answer;
	const struct past *past = &p->past;

	answer_begin(answer);
	note_failure(answer, &p->fresh);
	/* The same octets fail the same way, unless a file was missing. */
	if (past->has_last &&
	    (p->fresh.absent || !past_is_last(past, &p->fresh.object.hash))) {
		kept.object.uri = past->last.uri;
		kept.object.hash = past->last.manifest;
		kept.detail = "last good version";
		if (objects_get(p->txn, &past->last.manifest,
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
	past_look(&p->past, p->judge->court, p->job, p->txn, p->judge->arena);
	r->key = p->past.key;
	opened = find_fresh(p) && attempt_open(&p->fresh);
	if (opened) {
		complete = attempt_complete(&p->fresh);
		if (complete && recall(p)) {
			return;
		}
		opened = complete && follows_last(p);
	}
	answer_begin(&r->answer);
	if (opened && attempt_run(&p->fresh)) {
		finish(p, &p->fresh, ANSWER_VALID);
		keep_files(p);
		r->remember = true;
	} else {
		fall_back(p);
		/* What rests on older files is worked out again each time. */
		r->remember = complete && !p->fresh.absent && !p->past.has_last;
	}
	if (r->remember) {
		r->fresh = p->fresh.object.hash;
		note_folder(p);
	}
	r->machine = p->fresh.machine;
	r->holes = p->fresh.fault == FAULT_STORE_IO || p->fresh.hole;
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
		const struct attempt none = { .fault = FAULT_STORE_IO,
			.fault_uri = job->ca->own.manifest_uri };

		answer_begin(&result->answer);
		note_failure(&result->answer, &none);
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
