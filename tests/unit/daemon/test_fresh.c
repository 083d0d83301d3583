/* SPDX-License-Identifier: BSD-2-Clause */
/* When a set counts as stale, and what is done then. */
#include "daemon/fresh.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *what;
	struct fresh_contract contract;
	int64_t now, last;
	struct fresh want;
} rows[] = {
	{ "no contract", { 0, FRESH_CLOSE }, 1000, 1,
	    { FRESH_SERVE, 0, INT64_MAX } },
	{ "nothing ever went well", { 10, FRESH_CLOSE }, 1000, 0,
	    { FRESH_SERVE, 0, INT64_MAX } },
	{ "fresh", { 10, FRESH_CLOSE }, 1000, 995, { FRESH_SERVE, 0, 1006 } },
	{ "the last second", { 10, FRESH_CLOSE }, 1000, 990,
	    { FRESH_SERVE, 0, 1001 } },
	{ "stale: close", { 10, FRESH_CLOSE }, 1001, 990,
	    { FRESH_CLOSE, 1000, INT64_MAX } },
	{ "stale: no data", { 10, FRESH_NO_DATA }, 5000, 990,
	    { FRESH_NO_DATA, 1000, INT64_MAX } },
	{ "stale: serve, and say so", { 10, FRESH_SERVE }, 5000, 990,
	    { FRESH_SERVE, 1000, INT64_MAX } },
	{ "a clock set back", { 10, FRESH_CLOSE }, 500, 990,
	    { FRESH_SERVE, 0, 1001 } },
};

static void
follows_the_contract(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fresh got =
		    fresh_look(&rows[i].contract, rows[i].now, rows[i].last);

		print_message("# %s\n", rows[i].what);
		assert_int_equal(got.now, rows[i].want.now);
		assert_int_equal(got.since, rows[i].want.since);
		assert_true(got.next == rows[i].want.next);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_contract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
