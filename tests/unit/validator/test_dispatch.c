/* SPDX-License-Identifier: BSD-2-Clause */
/* Nobody who answered last time waits for those who did not. */
#include "validator/dispatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "validator/rations.h"

/* A fetcher that comes back only when it is let through the gate. */
static void *
begin(void *gate, unsigned worker)
{
	(void)worker;
	return gate;
}

static void *
work(void *gate, void *job)
{
	(void)queue_pop(gate);
	return job;
}

static void
end(void *gate)
{
	(void)gate;
}

struct scene {
	struct policy policy;
	struct queue *gate;
	struct walk walk;
};

static void
set(struct scene *s)
{
	policy_init(&s->policy);
	s->policy.fetch_threads = 8;
	s->gate = queue_new(1000);
	s->walk = (struct walk){ .policy = &s->policy };
	s->walk.rations = rations_new();
	s->walk.fetchers = pool_new(&(struct pool_work){ .name = "gate",
					.begin = begin,
					.work = work,
					.end = end,
					.arg = s->gate },
	    8, 0);
}

static struct repo *
add_below(struct scene *s, struct spot *asker, unsigned number, bool held)
{
	char uri[128];
	struct repo *repo;

	snprintf(uri, sizeof(uri), "https://r%u.example/notification.xml",
	    number);
	repo = repo_new(REPOSITORY_RRDP, uri, (uint16_t)number);
	repo->held = held;
	repo->asker = asker;
	dispatch_add(&s->walk, repo);
	return repo;
}

static struct repo *
add(struct scene *s, const char *host, unsigned number, bool held)
{
	char uri[128];
	struct repo *repo;

	snprintf(uri, sizeof(uri), "https://%s/%u/notification.xml", host,
	    number);
	repo = repo_new(REPOSITORY_RRDP, uri, (uint16_t)number);
	repo->held = held;
	dispatch_add(&s->walk, repo);
	return repo;
}

/* Let one fetcher come back, as the walk would take it in. */
static void
finish_one(struct scene *s)
{
	struct fetcher_job *job;
	struct repo *repo;

	assert_true(queue_push(s->gate, s));
	job = pool_wait(s->walk.fetchers);
	repo = job->owner;
	dispatch_done(&s->walk, repo);
	repo_free(repo);
	free(job);
}

static void
clear(struct scene *s)
{
	while (s->walk.fetches > 0) {
		finish_one(s);
	}
	assert_null(s->walk.pending);
	pool_free(s->walk.fetchers, NULL, NULL);
	queue_close(s->gate);
	queue_free(s->gate);
	rations_free(s->walk.rations);
}

static void
test_newcomers_share(void **state)
{
	struct scene s;
	char host[32];

	(void)state;
	set(&s);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(host, sizeof(host), "new%u.example", i);
		(void)add(&s, host, i, false);
	}
	assert_int_equal(s.walk.unproven_fetches, 4);
	assert_int_equal(s.walk.pending_count, 96);
	assert_true(add(&s, "old1.example", 200, true)->dispatched);
	assert_true(add(&s, "old2.example", 201, true)->dispatched);
	assert_int_equal(s.walk.fetches, 6);
	clear(&s);
}

static void
test_failing_are_no_better(void **state)
{
	struct scene s;
	struct repo *repo;

	(void)state;
	set(&s);
	for (unsigned i = 0; i < 4; i++) {
		char host[32];

		snprintf(host, sizeof(host), "new%u.example", i);
		(void)add(&s, host, i, false);
	}
	repo = repo_new(REPOSITORY_RRDP, "https://ill.example/n.xml", 9);
	repo->held = true;
	repo->report.failures = 3;
	dispatch_add(&s.walk, repo);
	assert_false(repo->dispatched);
	clear(&s);
}

static void
test_host_has_few(void **state)
{
	struct scene s;

	(void)state;
	set(&s);
	for (unsigned i = 0; i < 20; i++) {
		(void)add(&s, "one.example", i, true);
	}
	assert_int_equal(s.walk.fetches, LIMIT_HOST_FETCHES);
	finish_one(&s);
	assert_int_equal(s.walk.fetches, LIMIT_HOST_FETCHES);
	assert_true(add(&s, "two.example", 30, true)->dispatched);
	assert_int_equal(s.walk.fetches, LIMIT_HOST_FETCHES + 1);
	clear(&s);
}

static void
test_drop(void **state)
{
	struct scene s;
	struct repo *late[3];

	(void)state;
	set(&s);
	for (unsigned i = 0; i < LIMIT_HOST_FETCHES; i++) {
		(void)add(&s, "one.example", i, true);
	}
	for (unsigned i = 0; i < 3; i++) {
		late[i] = add(&s, "one.example", 10 + i, true);
	}
	dispatch_drop(&s.walk);
	assert_int_equal(s.walk.pending_count, 0);
	clear(&s);
	for (unsigned i = 0; i < 3; i++) {
		assert_false(late[i]->dispatched);
		repo_free(late[i]);
	}
}

/* A trust anchor with a CA that has a crowd below it, and a neighbour. */
struct tree {
	struct ca cas[3];
	struct spot anchor, crowd, good;
};

static void
grow(struct tree *tree)
{
	*tree = (struct tree){ .cas = { { .depth = 0 }, { .depth = 1 },
				   { .depth = 1 } } };
	tree->anchor.ca = &tree->cas[0];
	tree->crowd.ca = &tree->cas[1];
	tree->good.ca = &tree->cas[2];
	tree->crowd.parent = tree->good.parent = &tree->anchor;
}

/* However many wait below one CA, another's goes at once. */
static void
crowd_beside(bool held)
{
	struct scene s;
	struct tree tree;

	set(&s);
	grow(&tree);
	for (unsigned i = 0; i < 5000; i++) {
		(void)add_below(&s, &tree.crowd, i, held);
	}
	assert_int_equal(s.walk.fetches, held ? 4 : 2);
	assert_true(add_below(&s, &tree.good, 5000, held)->dispatched);
	assert_int_equal(tree.anchor.all.going, s.walk.fetches);
	clear(&s);
	assert_int_equal(tree.anchor.all.going, 0);
	assert_int_equal(tree.anchor.all.gone, 5001);
	assert_int_equal(tree.anchor.all.unproven, 0);
}

static void
test_crowd_of_newcomers(void **state)
{
	(void)state;
	crowd_beside(false);
}

static void
test_crowd_of_known_ones(void **state)
{
	(void)state;
	crowd_beside(true);
}

/* When places are scarce the branch with the fewest goes next. */
static void
test_fewest_first(void **state)
{
	struct scene s;
	struct tree tree;
	struct repo *good;

	(void)state;
	set(&s);
	s.policy.fetch_threads = 1;
	grow(&tree);
	for (unsigned i = 0; i < 50; i++) {
		(void)add_below(&s, &tree.crowd, i, true);
	}
	good = add_below(&s, &tree.good, 100, true);
	assert_false(good->dispatched);
	finish_one(&s);
	assert_true(good->dispatched);
	clear(&s);
}

/* What its branch has had meanwhile counts when its turn comes. */
static void
test_share_is_spent(void **state)
{
	struct scene s;
	struct tree tree;
	struct repo *late;

	(void)state;
	set(&s);
	s.policy.fetch_threads = 1;
	grow(&tree);
	(void)add_below(&s, &tree.crowd, 0, true);
	late = add_below(&s, &tree.crowd, 1, true);
	tree.crowd.taken.known_octets = UINT64_MAX / 2;
	finish_one(&s);
	assert_false(late->dispatched);
	assert_ptr_equal(s.walk.refused, late);
	assert_int_equal(late->refused, FAULT_TA_OCTETS);
	/* Nor may anybody add it meanwhile; who asks as well may pay. */
	assert_true(late->fetching);
	assert_int_equal(dispatch_refusal(&s.walk, late), FAULT_TA_OCTETS);
	late->asker = &tree.anchor;
	assert_int_equal(dispatch_refusal(&s.walk, late), FAULT_NONE);
	assert_int_equal(s.walk.pending_count, 0);
	repo_free(late);
	clear(&s);
}

/* So does what its host has given meanwhile, to whomever. */
static void
test_host_is_spent(void **state)
{
	const struct share all = { .known_octets = UINT64_MAX / 2 };
	struct scene s;
	struct tree tree;
	struct repo *late;

	(void)state;
	set(&s);
	s.policy.fetch_threads = 1;
	grow(&tree);
	(void)add_below(&s, &tree.crowd, 0, true);
	late = add_below(&s, &tree.crowd, 1, true);
	rations_charge(&s.walk, late, NULL, &all);
	finish_one(&s);
	assert_false(late->dispatched);
	assert_ptr_equal(s.walk.refused, late);
	assert_int_equal(late->refused, FAULT_HOST_OCTETS);
	repo_free(late);
	clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newcomers_share),
		cmocka_unit_test(test_failing_are_no_better),
		cmocka_unit_test(test_host_has_few),
		cmocka_unit_test(test_crowd_of_newcomers),
		cmocka_unit_test(test_crowd_of_known_ones),
		cmocka_unit_test(test_fewest_first),
		cmocka_unit_test(test_share_is_spent),
		cmocka_unit_test(test_host_is_spent),
		cmocka_unit_test(test_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
