/* SPDX-License-Identifier: BSD-2-Clause */
/* Nobody's many wrongs hide another's one. */
#include "validator/quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/between.h"

enum { ANCHORS = 3, LONG = 400, MANY = 200000 };

struct teller {
	uint16_t anchor;
	unsigned count; /* of such */
	size_t findings;
};

static void
ask(struct quota *quota, const struct teller *tellers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (unsigned k = 0; k < tellers[i].count; k++) {
			quota_ask(quota, tellers[i].anchor, tellers[i].findings,
			    tellers[i].findings * LONG);
		}
	}
	quota_settle(quota);
}

/* How much all of these get told. */
static size_t
tell(struct quota *quota, const struct teller *teller)
{
	size_t told = 0;

	for (unsigned k = 0; k < teller->count; k++) {
		quota_begin(quota, teller->anchor, teller->findings);
		for (size_t i = 0; i < teller->findings; i++) {
			told += quota_take(quota, LONG);
		}
	}
	return told;
}

static size_t
tell_walk(struct quota *quota, size_t findings)
{
	size_t told = 0;

	quota_begin_walk(quota);
	for (size_t i = 0; i < findings; i++) {
		told += quota_take(quota, LONG);
	}
	return told;
}

static void
test_room_for_all(void **state)
{
	static const struct teller tellers[] = { { 0, 100, 3 }, { 1, 1, 9000 },
		{ 1, 50, 0 }, { 2, 7, 1 } };
	struct quota *quota = quota_new(ANCHORS);

	(void)state;
	quota_ask_walk(quota, 500);
	ask(quota, tellers, 4);
	assert_int_equal(tell(quota, &tellers[0]), 300);
	assert_int_equal(tell(quota, &tellers[1]), 9000);
	assert_int_equal(tell(quota, &tellers[2]), 0);
	assert_int_equal(tell(quota, &tellers[3]), 7);
	assert_int_equal(tell_walk(quota, 500), 500);
	quota_free(quota);
}

/* One has too much, be it said before or after the others. */
static void
test_one_has_much(void **state)
{
	static const struct teller tellers[] = { { 0, 1, MANY }, { 0, 9, 2 },
		{ 1, 3, 5 } };
	struct quota *quota = quota_new(ANCHORS);

	(void)state;
	ask(quota, tellers, 3);
	assert_between(tell(quota, &tellers[0]), 1000, LIMIT_FINDINGS / 10);
	assert_int_equal(tell(quota, &tellers[1]), 18);
	assert_int_equal(tell(quota, &tellers[2]), 15);
	assert_int_equal(tell_walk(quota, 3), 3);
	quota_free(quota);
}

/* More have something to tell than findings can be kept. */
static void
test_many_have_little(void **state)
{
	static const struct teller tellers[] = { { 0, MANY, 1 }, { 1, 900, 2 },
		{ 2, MANY, 3 } };
	struct quota *quota = quota_new(ANCHORS);
	size_t most, fewer, all;

	(void)state;
	quota_ask_walk(quota, MANY);
	ask(quota, tellers, 3);
	most = tell(quota, &tellers[0]);
	assert_int_equal(tell(quota, &tellers[1]), 1800);
	fewer = tell(quota, &tellers[2]);
	assert_int_equal(most, 5550);
	assert_int_equal(fewer, 2 * most);
	all = most + 1800 + fewer + 2 * tell_walk(quota, MANY);
	assert_between(all, 20000, LIMIT_FINDINGS);
	assert_true(all * LONG <= LIMIT_FINDING_OCTETS);
	quota_free(quota);
}

static void
test_nobody(void **state)
{
	struct quota *quota = quota_new(0);

	(void)state;
	quota_ask_walk(quota, MANY);
	quota_settle(quota);
	assert_int_equal(tell_walk(quota, MANY), LIMIT_FINDINGS / 10);
	quota_free(quota);
	quota_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room_for_all),
		cmocka_unit_test(test_one_has_much),
		cmocka_unit_test(test_many_have_little),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
