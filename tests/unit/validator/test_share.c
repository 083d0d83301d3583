/* SPDX-License-Identifier: BSD-2-Clause */
/* What a branch may take: half a level down, never less than one CA needs. */
#include "validator/share.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/limits.h"

static void
test_halves(void **state)
{
	struct share most = share_most(LIMIT_TA_POINTS, 0);

	(void)state;
	assert_int_equal(most.points, LIMIT_TA_POINTS);
	assert_int_equal(most.octets, LIMIT_TA_ANSWERS);
	assert_int_equal(most.items, LIMIT_TA_ITEMS);
	most = share_most(LIMIT_TA_POINTS, 2);
	assert_int_equal(most.points, LIMIT_TA_POINTS / 4);
	assert_int_equal(most.octets, LIMIT_TA_ANSWERS / 4);
	assert_int_equal(most.items, LIMIT_TA_ITEMS / 4);
	/* an operator's own ceiling may be below what any one CA may have */
	assert_int_equal(share_most(5, 0).points, 5);
	assert_int_equal(share_most(5, 3).points, 5);
	for (unsigned depth = 8; depth <= 80; depth += 8) {
		most = share_most(LIMIT_TA_POINTS, depth);
		assert_int_equal(most.points, LIMIT_CA_POINTS);
		assert_int_equal(most.octets, LIMIT_CA_ANSWERS);
		assert_int_equal(most.items, LIMIT_CA_ITEMS);
	}
}

static void
test_exceeds_in_any_respect(void **state)
{
	const struct share most = { 3, 3, 3 };
	struct share taken = { 1, 2, 3 };

	(void)state;
	assert_false(share_exceeds(&taken, &most));
	share_add(&taken, &(struct share){ 2, 1, 0 });
	assert_false(share_exceeds(&taken, &most));
	taken = most;
	taken.points++;
	assert_true(share_exceeds(&taken, &most));
	taken = most;
	taken.octets++;
	assert_true(share_exceeds(&taken, &most));
	taken = most;
	taken.items++;
	assert_true(share_exceeds(&taken, &most));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_exceeds_in_any_respect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
