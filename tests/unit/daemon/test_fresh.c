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
	int64_t age;
	struct fresh want;
} rows[] = {
	{ "no contract", { 0, FRESH_CLOSE }, 1000, { FRESH_SERVE, 0 } },
	{ "nothing ever went well", { 10, FRESH_CLOSE }, -1,
	    { FRESH_SERVE, 0 } },
	{ "fresh", { 10, FRESH_CLOSE }, 5, { FRESH_SERVE, 0 } },
	{ "the last second", { 10, FRESH_CLOSE }, 10, { FRESH_SERVE, 0 } },
	{ "stale: close", { 10, FRESH_CLOSE }, 11, { FRESH_CLOSE, 1 } },
	{ "stale: no data", { 10, FRESH_NO_DATA }, 4010,
	    { FRESH_NO_DATA, 4000 } },
	{ "stale: serve, and say so", { 10, FRESH_SERVE }, 4010,
	    { FRESH_SERVE, 4000 } },
};

static void
follows_the_contract(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fresh got = fresh_look(&rows[i].contract, rows[i].age);

		print_message("# %s\n", rows[i].what);
		assert_int_equal(got.now, rows[i].want.now);
		assert_int_equal(got.stale, rows[i].want.stale);
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
