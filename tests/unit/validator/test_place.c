/* SPDX-License-Identifier: BSD-2-Clause */
/* Who names a hundred thousand repositories takes none from anybody. */
#include "validator/place.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "store/store.h"
#include "tests/unit/store/scratch.h"
#include "validator/branch.h"
#include "validator/descent.h"
#include "validator/dispatch.h"
#include "validator/docket.h"
#include "validator/rations.h"

enum { CROWD = 100000, MOST = 20 };

/* A trust anchor with two CAs, one of which has many below it. */
struct scene {
	struct scratch scratch;
	struct policy policy;
	struct store *store;
	struct walk walk;
	struct ca cas[3];
	struct spot anchor, evil, good;
};

/* Fetchers that have not come back when all is over. */
static void *
work(void *self, void *job)
{
	(void)self;
	return job;
}

static void
enter(struct scene *s, struct spot *spot, const struct ca *ca,
    struct spot *parent)
{
	spot->ca = ca;
	spot->parent = parent;
	docket_enter(&s->walk, spot);
}

static void
set(struct scene *s)
{
	const struct store_config config = { .dir = s->scratch.dir,
		.map_octets = SCRATCH_MAP,
		.mode = KV_READ_WRITE };

	policy_init(&s->policy);
	s->policy.max_ta_repositories = MOST;
	s->walk = (struct walk){ .policy = &s->policy };
	s->walk.log = log_new(LOG_LEVEL_ERROR);
	assert_int_equal(store_open(&s->store, &config, s->walk.log), 0);
	s->walk.store = s->store;
	s->walk.rations = rations_new();
	s->walk.repo_by_uri = map_new();
	s->walk.seen = map_new();
	s->walk.arena = arena_new();
	s->walk.scratch = arena_new();
	s->walk.fetchers =
	    pool_new(&(struct pool_work){ .name = "fetch", .work = work }, 1,
		0);
	for (unsigned i = 0; i < 3; i++) {
		s->cas[i] = (struct ca){ .depth = i > 0 };
		s->cas[i].own.certificate.at[0] = (uint8_t)i;
	}
	enter(s, &s->anchor, &s->cas[0], NULL);
	enter(s, &s->evil, &s->cas[1], &s->anchor);
	enter(s, &s->good, &s->cas[2], &s->anchor);
}

/* A CA with a repository of its own; its spot. */
static struct spot *
place(struct scene *s, struct spot *parent, const char *host, unsigned n)
{
	struct spot *spot = arena_zero(s->walk.arena, 1, sizeof(*spot));
	struct ca *ca = arena_zero(s->walk.arena, 1, sizeof(*ca));

	ca->ta = parent->ca->ta;
	ca->depth = parent->ca->depth + 1;
	ca->own.notify_uri =
	    arena_printf(s->walk.arena, "https://%s%u.example/n.xml", host, n);
	ca->own.repository_uri = "rsync://one.example/module/";
	ca->own.manifest_uri = arena_printf(s->walk.arena,
	    "rsync://one.example/module/%s%u.mft", host, n);
	enter(s, spot, ca, parent);
	place_spot(&s->walk, spot);
	return spot;
}

static void
clear(struct scene *s)
{
	pool_free(s->walk.fetchers, free, free);
	for (size_t i = 0; i < s->walk.repo_count; i++) {
		repo_free(s->walk.repos[i]);
	}
	free(s->walk.repos);
	free(s->walk.spots);
	free(s->walk.findings);
	map_free(s->walk.repo_by_uri);
	map_free(s->walk.seen);
	rations_free(s->walk.rations);
	arena_free(s->walk.arena);
	arena_free(s->walk.scratch);
	log_free(s->walk.log);
	store_close(s->store);
}

static void
test_numbers_are_left(void **state)
{
	struct scene s = { .scratch = { .kv = NULL } };
	unsigned most;

	(void)state;
	scratch_make(&s.scratch);
	set(&s);
	for (unsigned i = 0; i < CROWD; i++) {
		const struct spot *spot = place(&s, &s.evil, "e", i);

		assert_true((spot->repo != NULL) == (i < MOST / 2));
	}
	assert_int_equal(s.walk.finding_count, CROWD - MOST / 2);
	assert_int_equal(s.walk.findings[CROWD - MOST / 2 - 1].fault,
	    FAULT_TA_REPOSITORIES);
	most = (unsigned)s.walk.repo_count;
	assert_true(most <= 1000);
	assert_non_null(place(&s, &s.good, "g", 0)->repo);
	assert_int_equal(s.walk.repo_count, most + 1);
	clear(&s);
	scratch_remove(&s.scratch);
}

/* Who was refused a repository takes it from nobody, now or in a later round,
 * and is refused it again. */
static void
test_refused(void **state)
{
	struct scene s = { .scratch = { .kv = NULL } };
	const struct repo *repo;

	(void)state;
	scratch_make(&s.scratch);
	set(&s);
	for (unsigned i = 0; i < MOST / 2; i++) {
		assert_non_null(place(&s, &s.evil, "e", i)->repo);
	}
	assert_null(place(&s, &s.evil, "g", 0)->repo);
	assert_null(place(&s, &s.evil, "g", 1)->repo);
	repo = place(&s, &s.good, "g", 0)->repo;
	assert_non_null(repo);
	s.walk.round = 1;
	assert_non_null(place(&s, &s.good, "g", 1)->repo);
	assert_null(place(&s, &s.evil, "g", 2)->repo);
	clear(&s);
	scratch_remove(&s.scratch);
}

/* What a CA took of fetchers counts in the next round, what it took of judges
 * does not. */
static void
test_rounds(void **state)
{
	static const struct share much = { .new_repositories = MOST / 2,
		.known_octets = 7,
		.judging = 9 };
	struct scene s = { .scratch = { .kv = NULL } };
	struct spot anchor = { .round = 0 }, *spot;

	(void)state;
	scratch_make(&s.scratch);
	set(&s);
	branch_charge(descent_spot(&s.walk, &s.cas[1], &s.anchor), &much);
	s.walk.round = 1;
	enter(&s, &anchor, &s.cas[0], NULL);
	branch_go_on(&anchor, &s.anchor);
	spot = descent_spot(&s.walk, &s.cas[1], &anchor);
	assert_int_equal(spot->taken.new_repositories, MOST / 2);
	assert_int_equal(spot->taken.known_octets, 7);
	assert_int_equal(spot->taken.judging, 0);
	assert_null(place(&s, spot, "e", 0)->repo);
	spot = descent_spot(&s.walk, &s.cas[2], &anchor);
	assert_int_equal(spot->taken.new_repositories, 0);
	assert_non_null(place(&s, spot, "e", 0)->repo);
	clear(&s);
	scratch_remove(&s.scratch);
}

static void
hold(struct scene *s, const char *uri, uint64_t weight)
{
	struct repository row = { .uri = uri,
		.last_success = 1,
		.fallback_at = 2,
		.weight = weight };
	struct kv_txn *txn;

	assert_int_equal(kv_write(store_kv(s->store), &txn), 0);
	assert_int_equal(kv_end(txn, repository_put(txn, &row)), 0);
}

/* Where the module that is to stand in for RRDP is refused, what RRDP brought
 * last is there all the same. */
static void
test_nothing_stands_in(void **state)
{
	struct scene s = { .scratch = { .kv = NULL } };
	const struct spot *spot;
	struct repo *rrdp;

	(void)state;
	scratch_make(&s.scratch);
	set(&s);
	s.walk.now = 3;
	s.policy.max_disk = 1600; /* 200 for a CA at depth 2 */
	hold(&s, "https://g0.example/n.xml", 100);
	hold(&s, "rsync://one.example/module/", 101);
	spot = place(&s, &s.good, "g", 0);
	rrdp = spot->repo;
	assert_int_equal(rrdp->report.kind, REPOSITORY_RRDP);
	assert_int_equal(spot->state, SPOT_WAITING);
	rrdp->fetching = false;
	repo_advance(rrdp, REPO_STALE, s.walk.log);
	place_by_rsync(&s.walk, rrdp);
	assert_int_equal(spot->state, SPOT_JUDGING);
	assert_int_equal(s.walk.finding_count, 1);
	assert_int_equal(s.walk.findings[0].fault, FAULT_STORE_SHARE);
	assert_ptr_equal(spot->repo, rrdp);
	clear(&s);
	scratch_remove(&s.scratch);
}

/* A repository in our own network is kept out when a public anchor's CA has
 * asked, and fetched when a laboratory's does: meanwhile or later. */
static void
test_laboratory(void **state)
{
	struct walk_anchor anchors[] = { { .near = false }, { .near = true } };
	struct fetcher_result out = { .outcome.fault = FAULT_HTTP_DUBIOUS };
	struct scene s = { .scratch = { .kv = NULL } };
	struct repo *repo;

	(void)state;
	scratch_make(&s.scratch);
	set(&s);
	s.walk.anchors = anchors;
	s.cas[2].ta = 1;
	for (unsigned later = 0; later < 2; later++) {
		out.job.near = false;
		repo = place(&s, &s.evil, "l", later)->repo;
		if (later) {
			dispatch_done(&s.walk, repo);
			assert_false(place_anew(&s.walk, repo, &out));
			repo_fetched(repo, &out, 0, s.walk.log);
		}
		assert_ptr_equal(place(&s, &s.good, "l", later)->repo, repo);
		if (!later) {
			dispatch_done(&s.walk, repo);
			repo->straggles = true;
			assert_true(place_anew(&s.walk, repo, &out));
		}
		/* Whoever was not waited for is not because of that. */
		assert_int_equal(repo->straggles, !later);
		assert_true(repo->fetching && repo->near);
		assert_int_equal(repo->report.state, REPO_NOTICE);
		out.job.near = true;
		dispatch_done(&s.walk, repo);
		assert_false(place_anew(&s.walk, repo, &out));
	}
	clear(&s);
	scratch_remove(&s.scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_left),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_nothing_stands_in),
		cmocka_unit_test(test_laboratory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
