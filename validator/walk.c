/* SPDX-License-Identifier: BSD-2-Clause */
/* walk - see walk.h. */
#include "validator/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "store/meta.h"
#include "validator/anchor.h"
#include "validator/branch.h"
#include "validator/descent.h"
#include "validator/dispatch.h"
#include "validator/place.h"
#include "validator/rations.h"
#include "validator/recall.h"

enum { LATELY = 2 * 86400 };

static void
add_finding(struct walk *walk, enum fault fault, const char *uri,
    const struct spot *spot, uint16_t ta)
{
	walk->findings = array_room(walk->findings, walk->finding_count,
	    &walk->finding_room, sizeof(*walk->findings));
	walk->findings[walk->finding_count++] = (struct walk_finding){
		.fault = fault,
		.uri = uri,
		.spot = spot,
		.ta = ta,
		.repository = spot == NULL || spot->repo == NULL
				  ? UINT16_MAX
				  : spot->repo->index,
	};
}

static void
add_anchor(struct walk *walk, struct walk_anchor *anchor)
{
	struct spot *top;

	for (unsigned i = 0; i < anchor->odd.count; i++) {
		add_finding(walk, (enum fault)anchor->odd.list[i],
		    anchor->root->own.uri, NULL, anchor->root->ta);
	}
	top = descent_spot(walk, anchor->root, NULL);
	if (anchor->top != NULL) {
		branch_go_on(top, anchor->top);
	}
	anchor->top = top;
	place_spot(walk, top);
}

/* What was held longer ago has ended, most of it; and some is forgotten. */
static bool
lately(const struct walk *walk, int64_t when)
{
	return when >= walk->now - (int64_t)LATELY;
}

/* Did a run before this one come to its end with it, and not long ago? */
static void
recall_settled(struct walk *walk, struct walk_anchor *anchor)
{
	struct kv_txn *txn = NULL;
	int64_t when;

	digest_of(anchor->tal.spki, &anchor->spki);
	if (kv_read(store_kv(walk->store), &txn) == 0) {
		anchor->settled =
		    meta_ta_settled(txn, &anchor->spki, &when) == 0 &&
		    lately(walk, when);
		kv_abort(txn);
	}
}

static void
anchor_done(struct walk *walk, struct fetcher_result *result)
{
	struct walk_anchor *anchor = result->job.owner;
	uint16_t ta = (uint16_t)(anchor - walk->anchors);
	struct bytes octets;
	struct cert cert;
	struct ca_seed *seed;
	bool before = anchor->answered;

	if (before && !anchor->passed) {
		return; /* the walk gave it up */
	}
	walk->late_ms = before ? clock_mono_ms() : walk->late_ms;
	anchor->answered = true;
	anchor->fault = result->outcome.fault;
	anchor->kept = result->kept;
	anchor->near = result->near;
	anchor->uri = result->from;
	memcpy(anchor->detail, result->outcome.detail, sizeof(anchor->detail));
	walk->anchors_open -= !before;
	if (result->certificate.len == 0) {
		add_finding(walk, result->outcome.fault, anchor->tal.uris[0],
		    NULL, ta);
		return;
	}
	octets = arena_copy(walk->arena, octets_bytes(&result->certificate));
	if (cert_decode(&cert, CERT_TA, octets, walk->arena) != FAULT_NONE) {
		return; /* it was decoded before: cannot be */
	}
	span_within(&walk->span, cert.not_before, cert.not_after);
	seed = arena_zero(walk->arena, 1, sizeof(*seed));
	*seed = ca_seed_of(&cert,
	    anchor->uri != NULL ? anchor->uri : anchor->tal.uris[0], INT64_MAX);
	anchor->root = ca_new(NULL, ta, seed, walk->arena);
	anchor->odd = cert.odd;
	recall_settled(walk, anchor);
	if (!before) {
		add_anchor(walk, anchor);
	}
}

/* Points of a failed RRDP repository try their rsync module, or go on with
 * what is held. */
static void
repo_done(struct walk *walk, struct fetcher_result *result)
{
	struct repo *repo = result->job.owner;
	uint64_t ms = (uint64_t)result->duration_ms;
	const struct share share = { .new_octets = result->outcome.octets,
		.known_octets = result->outcome.octets,
		.new_fetching = ms,
		.known_fetching = ms };
	bool fall;

	branch_charge(repo->asker, &share);
	rations_charge(walk, repo, repo->asker, &share);
	dispatch_done(walk, repo);
	if (place_anew(walk, repo, result)) {
		return;
	}
	repo_fetched(repo, result, walk->now, walk->log);
	fall = repo->report.state == REPO_STALE &&
	       repo_falls_back(repo, walk->policy, &walk->span);
	if (repo->straggles && (repo->report.state == REPO_READY || fall)) {
		walk->late_ms = clock_mono_ms();
	}
	if (!fall) {
		place_release(walk, repo);
		return;
	}
	log_info(walk->log, "%s: falling back to rsync", repo->report.uri);
	place_by_rsync(walk, repo);
}

enum report_point_state
walk_point_state(const struct spot *spot)
{
	static const enum report_point_state states[] = {
		[SPOT_WAITING] = POINT_WAITING,
		[SPOT_JUDGING] = POINT_WAITING,
		[SPOT_VALID] = POINT_VALID,
		[SPOT_CACHED] = POINT_CACHED,
		[SPOT_REJECTED] = POINT_REJECTED,
	};

	return states[spot->state];
}

void
walk_note(struct walk *walk, enum fault fault, const char *uri,
    const struct spot *spot)
{
	add_finding(walk, fault, uri, spot, spot->ca->ta);
}

void
walk_begin(struct walk *walk)
{
	walk->news_ms = clock_mono_ms();
	walk->began_ms = walk->round_ms = walk->news_ms;
	walk->anchors_open = walk->anchor_count;
	for (size_t i = 0; i < walk->anchor_count; i++) {
		struct fetcher_job *job = mem_zero(1, sizeof(*job));

		job->kind = FETCHER_ANCHOR;
		job->owner = &walk->anchors[i];
		job->tal = &walk->anchors[i].tal;
		job->step = &walk->anchors[i].step;
		pool_submit(walk->fetchers, job);
	}
}

bool
walk_collect(struct walk *walk)
{
	struct fetcher_result *fetched;
	struct point_result *judged;
	bool news = false;

	while ((judged = pool_collect(walk->judges)) != NULL) {
		descent_done(walk, judged);
		news = true;
	}
	while ((fetched = pool_collect(walk->fetchers)) != NULL) {
		if (fetched->job.kind == FETCHER_ANCHOR) {
			anchor_done(walk, fetched);
		} else {
			repo_done(walk, fetched);
		}
		fetcher_result_free(fetched);
		news = true;
	}
	place_refused(walk);
	news |= descent_go(walk);
	if (news) {
		walk->news_ms = clock_mono_ms();
	}
	return news;
}

/* Without asking anybody. With `settle` it stands with nothing where nothing
 * was kept. */
static bool
stand_with_kept(struct walk *walk, struct walk_anchor *anchor, enum fault fault,
    bool settle)
{
	struct fetcher_result result = {
		.job = { .kind = FETCHER_ANCHOR,
		    .owner = anchor,
		    .tal = &anchor->tal },
		.outcome = { .status = -1 },
	};
	bool there;

	anchor_recall(walk->desk, &result);
	there = result.outcome.fault == FAULT_NONE;
	result.outcome.fault = fault;
	if (there || settle) {
		anchor_done(walk, &result);
	}
	octets_clear(&result.certificate);
	return there;
}

bool
walk_pass_anchors(struct walk *walk)
{
	bool any = false;

	for (size_t i = 0; i < walk->anchor_count; i++) {
		struct walk_anchor *anchor = &walk->anchors[i];

		if (!anchor->answered && !anchor->passed) {
			anchor->passed = true;
			any |= stand_with_kept(walk, anchor, FAULT_TA_FETCH,
			    false);
		}
	}
	if (any) {
		walk->news_ms = clock_mono_ms();
	}
	descent_go(walk);
	return any;
}

bool
walk_over(const struct walk *walk)
{
	return walk->open == 0 && walk->anchors_open == 0;
}

static bool
may_miss(const struct walk *walk, const struct repo *repo,
    enum walk_missing missing)
{
	if (repo->unsettled) {
		return repo->held && lately(walk, repo->report.last_success);
	}
	return repo->held ||
	       (missing == WALK_NEWCOMERS && walk->policy->served);
}

bool
walk_releasable(const struct walk *walk, enum walk_missing missing)
{
	if (walk->anchors_open > 0) {
		return false;
	}
	for (size_t i = 0; i < walk->repo_count; i++) {
		const struct repo *repo = walk->repos[i];

		if (repo->waiting != NULL && !may_miss(walk, repo, missing)) {
			return false;
		}
	}
	return true;
}

void
walk_release(struct walk *walk, enum walk_missing missing)
{
	for (size_t i = 0; i < walk->repo_count; i++) {
		struct repo *repo = walk->repos[i];

		if (repo->waiting != NULL && may_miss(walk, repo, missing)) {
			repo->straggles = walk->early = true;
			place_release(walk, repo);
		}
	}
	descent_go(walk);
}

void
walk_close(struct walk *walk)
{
	walk->closed = true;
	walk_release(walk, WALK_NEWCOMERS);
}

bool
walk_waits(struct walk *walk, struct repo *repo)
{
	if (!repo->fetching) {
		return false;
	}
	repo->straggles |= walk->closed && may_miss(walk, repo, WALK_NEWCOMERS);
	walk->early |= repo->straggles;
	return !repo->straggles;
}

size_t
walk_fetching(const struct walk *walk)
{
	return pool_busy(walk->fetchers) + walk->pending_count;
}

static void
too_late(const struct walk *walk, const char *uri)
{
	log_fault(walk->log, LOG_LEVEL_WARN, uri, FAULT_REPOSITORY_DEADLINE,
	    NULL);
}

void
walk_give_up(struct walk *walk)
{
	walk->given_up = true;
	dispatch_drop(walk);
	for (size_t i = 0; i < walk->repo_count; i++) {
		struct repo *repo = walk->repos[i];

		if (!repo->fetching) {
			continue;
		}
		repo->fetching = false;
		repo->report.fault = FAULT_REPOSITORY_DEADLINE;
		too_late(walk, repo->report.uri);
		repo_advance(repo, REPO_STALE, walk->log);
		place_release(walk, repo);
	}
	for (size_t i = 0; i < walk->anchor_count; i++) {
		struct walk_anchor *anchor = &walk->anchors[i];

		if (!anchor->answered) {
			too_late(walk, anchor->tal.uris[0]);
			(void)stand_with_kept(walk, anchor,
			    FAULT_REPOSITORY_DEADLINE, true);
		}
	}
	descent_go(walk);
}

static bool
damaged(const struct spot *spot)
{
	return spot->result != NULL && spot->result->damaged &&
	       spot->repo != NULL && spot->repo->report.state == REPO_READY;
}

bool
walk_damaged(const struct walk *walk)
{
	for (size_t i = 0; i < walk->spot_count; i++) {
		if (damaged(walk->spots[i])) {
			return true;
		}
	}
	return false;
}

void
walk_refetch(struct walk *walk)
{
	for (size_t i = 0; i < walk->spot_count; i++) {
		if (damaged(walk->spots[i])) {
			repo_advance(walk->spots[i]->repo, REPO_NEW, walk->log);
		}
	}
	walk_again(walk);
}

static void
forget_spots(struct walk *walk)
{
	for (size_t i = 0; i < walk->spot_count; i++) {
		point_result_free(walk->spots[i]->result);
		walk->spots[i]->result = NULL;
	}
	turn_init(&walk->turn, NULL, NULL);
	rations_new_round(walk->rations);
	walk->spot_count = 0;
	walk->joint_count = 0;
	walk->done = 0;
	walk->vrps = 0;
}

void
walk_again(struct walk *walk)
{
	forget_spots(walk);
	walk->round++;
	walk->round_ms = walk->news_ms = clock_mono_ms();
	walk->closed = walk->early = false;
	walk->finding_count = 0;
	for (size_t i = 0; i < walk->anchor_count; i++) {
		struct walk_anchor *anchor = &walk->anchors[i];

		if (anchor->root != NULL) {
			add_anchor(walk, anchor);
		} else {
			add_finding(walk, anchor->fault, anchor->tal.uris[0],
			    NULL, (uint16_t)i);
		}
	}
	descent_go(walk);
}

struct met *
walk_met(const struct walk *walk)
{
	struct met *met = met_new();

	for (size_t i = 0; i < walk->anchor_count; i++) {
		if (walk->anchors[i].root != NULL) {
			met_note_anchor(met, &walk->anchors[i].spki);
		}
	}
	for (size_t i = 0; i < walk->repo_count; i++) {
		met_note_repository(met, walk->repos[i]->mirror);
	}
	for (size_t i = 0; i < walk->spot_count; i++) {
		const struct ca_seed *own = &walk->spots[i]->ca->own;
		const struct point_result *result = walk->spots[i]->result;

		met_note_ca(met, &own->ski, own->manifest_uri);
		if (result != NULL) {
			met_note_answer(met, &result->key);
		}
	}
	return met;
}

void
walk_clear(struct walk *walk)
{
	forget_spots(walk);
	recall_free(walk->recall);
	map_free(walk->seen);
	map_free(walk->repo_by_uri);
	rations_free(walk->rations);
	bars_free(walk->bars);
	for (size_t i = 0; i < walk->repo_count; i++) {
		repo_free(walk->repos[i]);
	}
	free(walk->repos);
	free(walk->spots);
	free(walk->joints);
	free(walk->findings);
	free(walk->anchors);
	arena_free(walk->arena);
	arena_free(walk->scratch);
}
