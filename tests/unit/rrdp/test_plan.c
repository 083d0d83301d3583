/* SPDX-License-Identifier: BSD-2-Clause */
/* What plan.h promises. */
#include "rrdp/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"

enum { DELTAS = 6, MOST = 4 };

/* A list of serials ends with 0; each hash is its serial plus `shift`. */
struct plan_case {
	const char *what;
	const char *session; /* held */
	uint64_t held, offered;
	uint64_t known[DELTAS], listed[DELTAS];
	uint8_t shift;
	uint8_t snapshot; /* what its hash was; is always 1 */
	uint32_t back;
	enum plan_way way;
	const char *reason;
	size_t first;
};

static const struct plan_case cases[] = {
	{ "nothing held", NULL, 0, 5, { 0 }, { 4, 5 }, 0, 0, 0, PLAN_SNAPSHOT,
	    "new-repository", 0 },
	{ "another session", "b", 4, 5, { 0 }, { 4, 5 }, 0, 1, 0, PLAN_SNAPSHOT,
	    "new-session", 0 },
	{ "same serial", "a", 5, 5, { 4, 5 }, { 4, 5 }, 0, 1, 0, PLAN_NOTHING,
	    NULL, 0 },
	{ "same serial, snapshot unknown", "a", 5, 5, { 0 }, { 0 }, 0, 0, 0,
	    PLAN_NOTHING, NULL, 0 },
	{ "same serial, another snapshot", "a", 5, 5, { 4, 5 }, { 4, 5 }, 0, 9,
	    0, PLAN_SNAPSHOT, "snapshot-mutation", 0 },
	{ "same serial, a delta has changed", "a", 5, 5, { 4, 5 }, { 4, 5 }, 1,
	    1, 0, PLAN_SNAPSHOT, "delta-mutation", 0 },
	{ "one behind", "a", 4, 5, { 3, 4 }, { 3, 4, 5 }, 0, 9, 0, PLAN_DELTAS,
	    NULL, 2 },
	{ "two behind", "a", 3, 5, { 3 }, { 3, 4, 5 }, 0, 9, 0, PLAN_DELTAS,
	    NULL, 1 },
	{ "an old delta has changed", "a", 4, 5, { 2, 4 }, { 1, 2, 3, 4, 5 }, 1,
	    9, 0, PLAN_SNAPSHOT, "delta-mutation", 0 },
	{ "changed, but no longer listed", "a", 4, 5, { 2, 3 }, { 4, 5 }, 1, 9,
	    0, PLAN_DELTAS, NULL, 1 },
	{ "deltas begin too late", "a", 2, 5, { 0 }, { 4, 5 }, 0, 9, 0,
	    PLAN_SNAPSHOT, "outdated-local", 0 },
	{ "no deltas", "a", 4, 5, { 0 }, { 0 }, 0, 9, 0, PLAN_SNAPSHOT,
	    "outdated-local", 0 },
	{ "a hole where we need one", "a", 1, 5, { 0 }, { 2, 4, 5 }, 0, 9, 0,
	    PLAN_SNAPSHOT, "inconsistent-delta-set", 0 },
	{ "a hole before what we need", "a", 3, 5, { 0 }, { 1, 4, 5 }, 0, 9, 0,
	    PLAN_DELTAS, NULL, 1 },
	{ "the newest is missing", "a", 3, 5, { 0 }, { 3, 4 }, 0, 9, 0,
	    PLAN_SNAPSHOT, "inconsistent-delta-set", 0 },
	{ "as many as we take", "a", 1, 5, { 0 }, { 1, 2, 3, 4, 5 }, 0, 9, 0,
	    PLAN_DELTAS, NULL, 1 },
	{ "one more than we take", "a", 0, 5, { 0 }, { 1, 2, 3, 4, 5 }, 0, 9, 0,
	    PLAN_SNAPSHOT, "too-many-deltas", 0 },
	{ "a jump of 2^63", "a", 1, INT64_MAX, { 0 }, { 1, 2 }, 0, 9, 0,
	    PLAN_SNAPSHOT, "inconsistent-delta-set", 0 },
	{ "serial goes back", "a", 5, 4, { 4, 5 }, { 4 }, 0, 1, 0, PLAN_REFUSE,
	    NULL, 0 },
	{ "back, and changed too", "a", 5, 4, { 4, 5 }, { 4 }, 1, 1, 1,
	    PLAN_REFUSE, NULL, 0 },
	{ "back for the third time", "a", 5, 4, { 4, 5 }, { 4 }, 0, 1,
	    LIMIT_RRDP_BACK - 1, PLAN_SNAPSHOT, "serial-back", 0 },
};

static void
test_choose(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct plan_case *c = &cases[i];
		struct repository_delta known[DELTAS] = { { 0 } };
		struct notice_file listed[DELTAS] = { { .serial = 0 } };
		struct repository have = { .session = c->session,
			.serial = c->held,
			.back = c->back,
			.deltas = known };
		struct notice offer = { .session = "a",
			.serial = c->offered,
			.deltas = listed };
		struct plan plan;

		for (size_t k = 0; k < DELTAS && c->known[k] != 0; k++) {
			known[k].serial = c->known[k];
			known[k].hash.at[0] = (uint8_t)c->known[k];
			have.delta_count++;
		}
		for (size_t k = 0; k < DELTAS && c->listed[k] != 0; k++) {
			listed[k].serial = c->listed[k];
			listed[k].hash.at[0] =
			    (uint8_t)(c->listed[k] + c->shift);
			offer.delta_count++;
		}
		have.snapshot.at[0] = c->snapshot;
		offer.snapshot.hash.at[0] = 1;
		plan = plan_choose(&have, &offer, MOST);
		print_message("%s\n", c->what);
		assert_int_equal(c->way, plan.way);
		if (c->reason == NULL) {
			assert_null(plan.reason);
		} else {
			assert_string_equal(c->reason, plan.reason);
		}
		assert_int_equal(c->first, plan.first);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
