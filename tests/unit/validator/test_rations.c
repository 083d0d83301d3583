/* SPDX-License-Identifier: BSD-2-Clause */
/* A host gives so much, and to no branch what others live on. */
#include "validator/rations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "validator/walk.h"

/* A trust anchor, a CA below it, and two below that. */
struct scene {
	struct policy policy;
	struct walk walk;
	struct ca cas[4];
	struct spot anchor, member, evil, good;
	struct repo *one, *two;
};

static const struct share repository = { .new_repositories = 1 };
static const struct share moment = { .judging = 1 };

static void
set(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	policy_init(&s->policy);
	s->policy.max_host_repositories = 80;
	s->walk.policy = &s->policy;
	s->walk.rations = rations_new();
	for (unsigned i = 0; i < 4; i++) {
		s->cas[i].depth = i < 3 ? i : 2;
		s->cas[i].own.certificate.at[0] = (uint8_t)i;
	}
	s->anchor.ca = &s->cas[0];
	s->member.ca = &s->cas[1];
	s->evil.ca = &s->cas[2];
	s->good.ca = &s->cas[3];
	s->member.parent = &s->anchor;
	s->evil.parent = s->good.parent = &s->member;
	s->one = repo_new(REPOSITORY_RRDP, "https://one.example/n.xml", 0);
	s->two = repo_new(REPOSITORY_RRDP, "https://two.example/n.xml", 1);
}

static void
clear(struct scene *s)
{
	rations_free(s->walk.rations);
	repo_free(s->one);
	repo_free(s->two);
}

/* How many this branch gets of a host. */
static unsigned
take(struct scene *s, const struct repo *repo, const struct spot *spot,
    const struct share *more, enum fault *fault)
{
	unsigned n = 0;

	while ((*fault = rations_fault(&s->walk, repo, spot, more)) ==
	       FAULT_NONE) {
		rations_charge(&s->walk, repo, spot, more);
		n++;
	}
	return n;
}

static void
test_parts(void **state)
{
	struct scene s;
	enum fault fault;

	(void)state;
	set(&s);
	assert_int_equal(take(&s, s.one, &s.evil, &repository, &fault), 10);
	assert_int_equal(fault, FAULT_HOST_REPOSITORIES);
	/* its neighbour, another host, and other anchors */
	assert_int_equal(take(&s, s.one, &s.good, &repository, &fault), 10);
	assert_int_equal(take(&s, s.two, &s.evil, &repository, &fault), 10);
	assert_int_equal(take(&s, s.one, NULL, &repository, &fault), 60);
	assert_int_equal(fault, FAULT_HOST_REPOSITORIES);
	clear(&s);
}

/* Below the last level that is counted those above have counted it. */
static void
test_deep_down(void **state)
{
	struct scene s;
	struct ca ca = { .depth = 9, .own.certificate = { { 9 } } };
	struct spot deep = { .ca = &ca };
	enum fault fault;

	(void)state;
	set(&s);
	deep.parent = &s.evil;
	assert_int_equal(take(&s, s.one, &deep, &repository, &fault), 10);
	assert_int_equal(take(&s, s.one, &s.evil, &repository, &fault), 0);
	clear(&s);
}

/* Judging begins anew with each round, fetching does not. */
static void
test_rounds(void **state)
{
	struct scene s;
	struct spot again;
	enum fault fault;

	(void)state;
	set(&s);
	s.policy.max_host_judging = 1; /* 1,000 us */
	assert_int_equal(take(&s, s.one, &s.evil, &moment, &fault), 125);
	assert_int_equal(fault, FAULT_HOST_JUDGING);
	assert_int_equal(take(&s, s.one, NULL, &moment, &fault), 875);
	assert_int_equal(take(&s, s.one, &s.evil, &repository, &fault), 10);
	rations_new_round(s.walk.rations);
	again = s.evil; /* a spot of its own in each round */
	assert_int_equal(take(&s, s.one, &again, &moment, &fault), 125);
	assert_int_equal(take(&s, s.one, &again, &repository, &fault), 0);
	assert_int_equal(take(&s, s.one, NULL, &repository, &fault), 70);
	clear(&s);
}

static void
test_going(void **state)
{
	struct scene s;

	(void)state;
	set(&s);
	assert_int_equal(rations_going(s.walk.rations, s.one), 0);
	rations_count(s.walk.rations, s.one, 1);
	rations_count(s.walk.rations, s.one, 1);
	rations_count(s.walk.rations, s.one, -1);
	assert_int_equal(rations_going(s.walk.rations, s.one), 1);
	assert_int_equal(rations_going(s.walk.rations, s.two), 0);
	clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_deep_down),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_going),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
