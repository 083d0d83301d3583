/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * However fetches end, whoever is refused and whatever is let go of early: a
 * walk comes to its end, and nothing of it is left under way.
 */
#include "validator/walk.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/store.h"
#include "tests/unit/store/scratch.h"
#include "validator/rations.h"
#include "validator/recall.h"

enum { WORLDS = 60, ANCHORS = 2, HOSTS = 5, PLACES = 4, ROUNDS = 6, DEEP = 5 };

struct scene {
	struct scratch scratch;
	struct policy policy;
	struct store *store;
	struct walk walk;
	struct point_court court;
	struct ca_seed roots[ANCHORS];
	uint64_t world;
};

/* --- chance, the same for the same world */

struct dice {
	uint64_t at;
};

static unsigned
roll(struct dice *dice, unsigned sides)
{
	dice->at = dice->at * UINT64_C(6364136223846793005) +
		   UINT64_C(1442695040888963407);
	return (unsigned)(dice->at >> 33) % sides;
}

static bool
chance(struct dice *dice, unsigned of_a_hundred)
{
	return roll(dice, 100) < of_a_hundred;
}

/* --- a world of CAs */

static const uint8_t key_octets[] = { 3, 1, 4, 1, 5 };

/* Few names, so that many share them. */
static struct ca_seed
make_seed(struct dice *dice, struct arena *arena)
{
	struct ca_seed seed = {
		.uri = "rsync://h.example/m/ca.cer",
		.spki = bytes_of(key_octets, sizeof(key_octets)),
		.modulus = bytes_of(key_octets, sizeof(key_octets)),
		.not_after = INT64_MAX,
		.stale = INT64_MAX,
	};
	unsigned host = roll(dice, HOSTS), place = roll(dice, PLACES);

	for (unsigned i = 0; i < HASH_SIZE; i++) {
		seed.certificate.at[i] = (uint8_t)roll(dice, 256);
	}
	memcpy(seed.ski.at, seed.certificate.at, KEYID_SIZE);
	seed.repository_uri =
	    arena_printf(arena, "rsync://h%u.example/m%u/", host, place);
	seed.manifest_uri = arena_printf(arena, "%sc%u.mft",
	    seed.repository_uri, roll(dice, 1000000));
	if (chance(dice, 80)) {
		seed.notify_uri = arena_printf(arena,
		    "https://h%u.example/%u/n.xml", host, roll(dice, PLACES));
	}
	return seed;
}

/* What a judge finds, the same whenever it looks. */
static void *
judge(void *arg, void *item)
{
	const struct scene *s = arg;
	struct point_job *job = item;
	struct point_result *r = mem_zero(1, sizeof(*r));
	struct arena *arena = arena_new();
	struct dice dice = { s->world };

	memcpy(&dice.at, job->ca->own.certificate.at, sizeof(dice.at));
	r->job = *job;
	r->judging_us = roll(&dice, 400);
	r->damaged = job->mirror != 0 && chance(&dice, 10);
	r->head.until = INT64_MAX;
	r->head.state = job->mirror != 0 ? ANSWER_VALID : ANSWER_REJECTED;
	answer_begin(&r->answer);
	for (unsigned n = roll(&dice, 9);
	     n > 0 && job->ca->depth < DEEP && job->mirror != 0; n--) {
		struct ca_seed seed = make_seed(&dice, arena);

		answer_child(&r->answer, &seed);
	}
	answer_end(&r->answer, &r->head);
	arena_free(arena);
	free(job);
	return r;
}

static void *
fetch(void *arg, void *item)
{
	const struct scene *s = arg;
	struct fetcher_job *job = item;
	struct fetcher_result *r = mem_zero(1, sizeof(*r));
	struct dice dice = { s->world ^ checksum_of(1, text_bytes(job->uri)) };

	(void)roll(&dice, 2);
	r->job = *job;
	r->outcome.fault = chance(&dice, 60) ? FAULT_NONE : FAULT_HTTP_TIMEOUT;
	r->partial = job->kind == FETCHER_RSYNC && chance(&dice, 20);
	r->outcome.mirror = chance(&dice, 90) ? 1 + roll(&dice, 100) : 0;
	r->outcome.octets = roll(&dice, 3) * UINT64_C(1000);
	r->duration_ms = roll(&dice, 3) * 1000;
	r->fallback_at = roll(&dice, 3);
	free(job);
	return r;
}

static void *
enter(void *scene, unsigned worker)
{
	(void)worker;
	return scene;
}

static void
drop_result(void *result)
{
	point_result_free(result);
}

static void
drop_fetched(void *result)
{
	fetcher_result_free(result);
}

/* --- one walk */

static void
hold_some(struct scene *s, struct dice *dice)
{
	struct kv_txn *txn;

	assert_int_equal(kv_write(store_kv(s->store), &txn), 0);
	for (unsigned i = 0; i < HOSTS * PLACES; i++) {
		char uri[64];
		struct repository row = { .uri = uri,
			.last_success = 1,
			.failures = roll(dice, 2),
			.fallback_at = roll(dice, 3),
			.weight = roll(dice, 2) * UINT64_C(500) };

		snprintf(uri, sizeof(uri),
		    chance(dice, 50) ? "https://h%u.example/%u/n.xml"
				     : "rsync://h%u.example/m%u/",
		    i / PLACES, i % PLACES);
		if (chance(dice, 40)) {
			assert_int_equal(repository_put(txn, &row), 0);
		}
	}
	assert_int_equal(kv_commit(txn), 0);
}

static void
set_policy(struct scene *s, struct dice *dice)
{
	struct policy *p = &s->policy;

	policy_init(p);
	p->memory = false;
	p->fetch_threads = 1 + roll(dice, 6);
	p->rrdp_fallback = roll(dice, 3);
	p->back_off = chance(dice, 20);
	p->served = chance(dice, 70);
	p->max_ta_points = 20 + roll(dice, 300);
	if (chance(dice, 60)) {
		p->max_ta_repositories = 1 + roll(dice, 20);
		p->max_host_repositories = 1 + roll(dice, 10);
	}
	if (chance(dice, 60)) {
		p->max_ta_size = 1 + roll(dice, 20000);
		p->max_host_size = 1 + roll(dice, 10000);
		p->max_ta_fetching = 1 + roll(dice, 20);
		p->max_host_fetching = 1 + roll(dice, 10);
	}
	if (chance(dice, 30)) {
		p->max_disk = 1 + roll(dice, 20000);
	}
	if (chance(dice, 30)) {
		p->max_ta_judging = 1 + roll(dice, 10);
		p->max_host_judging = 1 + roll(dice, 5);
	}
}

static void
set(struct scene *s, struct dice *dice)
{
	const struct store_config config = { .dir = s->scratch.dir,
		.map_octets = SCRATCH_MAP,
		.mode = KV_READ_WRITE };
	struct walk *walk = &s->walk;

	set_policy(s, dice);
	*walk = (struct walk){ .policy = &s->policy, .now = 5 };
	walk->log = log_new(LOG_LEVEL_ERROR);
	assert_int_equal(store_open(&s->store, &config, walk->log), 0);
	hold_some(s, dice);
	walk->store = s->store;
	walk->arena = arena_new();
	walk->scratch = arena_new();
	walk->repo_by_uri = map_new();
	walk->seen = map_new();
	walk->rations = rations_new();
	s->court = (struct point_court){ .policy = &s->policy };
	walk->recall = recall_new(&s->court);
	walk->judge_room = 1 + roll(dice, 8);
	walk->judges = pool_new(&(struct pool_work){ .name = "judge",
				    .begin = enter,
				    .work = judge,
				    .arg = s },
	    2, 0);
	walk->fetchers = pool_new(&(struct pool_work){ .name = "fetch",
				      .begin = enter,
				      .work = fetch,
				      .arg = s },
	    (unsigned)s->policy.fetch_threads, 0);
	walk->anchor_count = ANCHORS;
	walk->anchors = mem_zero(ANCHORS, sizeof(*walk->anchors));
	for (uint16_t i = 0; i < ANCHORS; i++) {
		s->roots[i] = make_seed(dice, walk->arena);
		walk->anchors[i].answered = true;
		walk->anchors[i].settled = chance(dice, 80);
		walk->anchors[i].root =
		    ca_new(NULL, i, &s->roots[i], walk->arena);
	}
}

static void
clear(struct scene *s)
{
	pool_free(s->walk.fetchers, free, drop_fetched);
	pool_free(s->walk.judges, free, drop_result);
	walk_clear(&s->walk);
	log_free(s->walk.log);
	store_close(s->store);
}

/* Does anybody still work, or is there more to be done at once? */
static bool
goes_on(const struct walk *walk)
{
	return pool_busy(walk->fetchers) > 0 || pool_busy(walk->judges) > 0 ||
	       walk->hurried;
}

static void
wait_for_news(struct walk *walk)
{
	struct pollfd fds[] = {
		{ .fd = pool_bell(walk->judges), .events = POLLIN },
		{ .fd = pool_bell(walk->fetchers), .events = POLLIN },
	};

	(void)poll(fds, 2, walk->hurried ? 0 : 1000);
}

static void
let_go(struct walk *walk, struct dice *dice)
{
	unsigned how = roll(dice, 3);

	if (how == 2) {
		walk_close(walk);
	} else {
		walk_release(walk, how == 0 ? WALK_HELD : WALK_NEWCOMERS);
	}
}

static void
play_round(struct scene *s, struct dice *dice)
{
	struct walk *walk = &s->walk;

	for (;;) {
		(void)walk_collect(walk);
		if (walk_over(walk)) {
			return;
		}
		if (chance(dice, 2)) {
			let_go(walk, dice);
		} else if (!walk->given_up && roll(dice, 2000) == 0) {
			walk_give_up(walk);
		}
		if (walk_over(walk)) {
			return;
		}
		if (!goes_on(walk)) {
			fail_msg("world %u stands still: %zu open",
			    (unsigned)s->world, walk->open);
		}
		wait_for_news(walk);
	}
}

static void
finish_fetches(struct walk *walk)
{
	while (walk_fetching(walk) > 0) {
		(void)walk_collect(walk);
		assert_true(
		    pool_busy(walk->fetchers) > 0 || walk_fetching(walk) == 0);
		if (walk_fetching(walk) > 0) {
			wait_for_news(walk);
		}
	}
}

static void
check_rest(const struct walk *walk)
{
	assert_int_equal(walk->open, 0);
	assert_int_equal(walk->judging, 0);
	assert_int_equal(walk->fetches, 0);
	assert_int_equal(walk->unproven_fetches, 0);
	assert_int_equal(walk->pending_count, 0);
	assert_null(walk->pending);
	assert_null(walk->refused);
	for (size_t i = 0; i < walk->repo_count; i++) {
		const struct repo *repo = walk->repos[i];

		assert_null(repo->waiting);
		assert_null(repo->next_pending);
		assert_false(repo->fetching);
		assert_false(repo->dispatched);
		assert_int_equal(rations_going(walk->rations, repo), 0);
	}
	for (size_t i = 0; i < walk->spot_count; i++) {
		assert_int_equal(walk->spots[i]->all.unproven, 0);
		assert_int_equal(walk->spots[i]->all.going, 0);
		assert_true(walk->spots[i]->state >= SPOT_VALID ||
			    (walk->early && walk->spots[i]->unheard));
	}
}

static void
test_any_world_has_an_end(void **state)
{
	struct scene s;
	struct dice dice;

	(void)state;
	for (uint64_t world = 0; world < WORLDS; world++) {
		memset(&s, 0, sizeof(s));
		scratch_make(&s.scratch);
		s.world = dice.at = world;
		(void)roll(&dice, 2);
		set(&s, &dice);
		walk_again(&s.walk);
		for (unsigned round = 0; round < ROUNDS; round++) {
			play_round(&s, &dice);
			if (chance(&dice, 50)) {
				finish_fetches(&s.walk);
			}
			if (chance(&dice, 50)) {
				walk_refetch(&s.walk);
			} else {
				walk_again(&s.walk);
			}
		}
		play_round(&s, &dice);
		finish_fetches(&s.walk);
		check_rest(&s.walk);
		clear(&s);
		scratch_remove(&s.scratch);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_world_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
