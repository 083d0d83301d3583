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
	struct policy policy;
	struct share most;

	(void)state;
	policy_init(&policy);
	policy.max_disk = 100 * policy.max_ta_size;
	most = share_most(&policy, 0);
	assert_int_equal(most.points, LIMIT_TA_POINTS);
	assert_int_equal(most.octets, LIMIT_TA_ANSWERS);
	assert_int_equal(most.items, LIMIT_TA_ITEMS);
	assert_int_equal(most.judging, LIMIT_TA_JUDGING * 1000);
	assert_int_equal(most.new_repositories, LIMIT_TA_REPOSITORIES);
	assert_int_equal(most.new_octets, policy.max_ta_size);
	assert_int_equal(most.new_fetching, LIMIT_TA_FETCHING * 1000);
	most = share_most(&policy, 2);
	assert_int_equal(most.new_fetching, LIMIT_TA_FETCHING * 1000 / 4);
	assert_int_equal(most.judging, LIMIT_TA_JUDGING * 1000 / 4);
	assert_int_equal(most.new_repositories, LIMIT_TA_REPOSITORIES / 4);
	assert_int_equal(most.new_octets, policy.max_ta_size / 4);
	assert_int_equal(most.points, LIMIT_TA_POINTS / 4);
	assert_int_equal(most.octets, LIMIT_TA_ANSWERS / 4);
	assert_int_equal(most.items, LIMIT_TA_ITEMS / 4);
	for (unsigned depth = 8; depth <= 80; depth += 8) {
		most = share_most(&policy, depth);
		assert_int_equal(most.points, LIMIT_CA_POINTS);
		assert_int_equal(most.octets, LIMIT_CA_ANSWERS);
		assert_int_equal(most.items, LIMIT_CA_ITEMS);
		assert_int_equal(most.judging, LIMIT_TA_JUDGING * 1000 / 8);
		assert_int_equal(most.new_repositories,
		    LIMIT_TA_REPOSITORIES / 8);
		assert_int_equal(most.new_octets, policy.max_ta_size / 8);
	}
}

/* An operator's own ceiling may be below what any one CA may have. */
static void
test_small_ceilings(void **state)
{
	struct policy policy;

	(void)state;
	policy_init(&policy);
	policy.max_ta_points = policy.max_ta_repositories = 5;
	for (unsigned depth = 0; depth < 4; depth++) {
		struct share most = share_most(&policy, depth);

		assert_int_equal(most.points, 5);
		assert_int_equal(most.new_repositories,
		    depth < 2 ? 5 >> depth : 1);
	}
}

/* What is known has four times as much, whatever newcomers have taken. */
static void
test_known_ones(void **state)
{
	struct policy policy;
	struct share most, taken = { .new_repositories = 1000000 };

	(void)state;
	policy_init(&policy);
	policy.max_ta_size = UINT64_C(1) << 30;
	most = share_most(&policy, 1);
	assert_int_equal(most.known_repositories, 4 * most.new_repositories);
	assert_int_equal(most.known_octets, 4 * most.new_octets);
	assert_int_equal(most.known_fetching, 4 * most.new_fetching);
	assert_int_equal(share_fault(&taken,
			     &(struct share){ .known_repositories = 1 }, &most),
	    FAULT_NONE);
	assert_int_equal(share_fault(&taken,
			     &(struct share){ .new_repositories = 1 }, &most),
	    FAULT_TA_REPOSITORIES);
}

/* What is sent must be kept: nobody has more than half of the store. */
static void
test_store(void **state)
{
	struct policy policy;
	struct share most;

	(void)state;
	policy_init(&policy);
	policy.max_disk = 1 << 30;
	most = share_most(&policy, 0);
	assert_int_equal(most.stock, 1 << 29);
	assert_int_equal(most.new_octets, 1 << 28);
	assert_int_equal(most.known_octets, 1 << 29);
	most = share_most(&policy, 2);
	assert_int_equal(most.stock, 1 << 27);
	assert_int_equal(most.known_octets, 1 << 27);
	assert_int_equal(share_most(&policy, 80).stock, 1 << 26);
	assert_int_equal(share_of_host(&policy, 1).stock, 1 << 28);
}

/* A host gives to each branch what it gives to all, halved at each level. */
static void
test_host(void **state)
{
	struct policy policy;
	struct share most;

	(void)state;
	policy_init(&policy);
	policy.max_disk = 100 * policy.max_host_size;
	most = share_of_host(&policy, 0);
	assert_int_equal(most.judging, LIMIT_HOST_JUDGING * 1000);
	assert_int_equal(most.new_repositories, LIMIT_HOST_REPOSITORIES);
	assert_int_equal(most.new_octets, policy.max_host_size);
	assert_int_equal(most.new_fetching, LIMIT_HOST_FETCHING * 1000);
	assert_int_equal(most.known_fetching, 4 * most.new_fetching);
	most = share_of_host(&policy, 2);
	assert_int_equal(most.judging, LIMIT_HOST_JUDGING * 1000 / 4);
	assert_int_equal(most.new_repositories, LIMIT_HOST_REPOSITORIES / 4);
	for (unsigned level = 3; level <= 80; level += 7) {
		most = share_of_host(&policy, level);
		assert_int_equal(most.new_repositories,
		    LIMIT_HOST_REPOSITORIES / 8);
		assert_int_equal(most.new_octets, policy.max_host_size / 8);
	}
}

static void
test_each_has_its_fault(void **state)
{
	static const struct {
		struct share more;
		enum fault fault, at_host;
	} rows[] = {
		{ { .points = 1 }, FAULT_TA_POINTS, FAULT_NONE },
		{ { .octets = 1 }, FAULT_TA_SHARE, FAULT_NONE },
		{ { .items = 1 }, FAULT_TA_SHARE, FAULT_NONE },
		{ { .judging = 1 }, FAULT_TA_JUDGING, FAULT_HOST_JUDGING },
		{ { .new_repositories = 1 }, FAULT_TA_REPOSITORIES,
		    FAULT_HOST_REPOSITORIES },
		{ { .new_octets = 1 }, FAULT_TA_OCTETS, FAULT_HOST_OCTETS },
		{ { .known_repositories = 1 }, FAULT_TA_REPOSITORIES,
		    FAULT_HOST_REPOSITORIES },
		{ { .known_octets = 1 }, FAULT_TA_OCTETS, FAULT_HOST_OCTETS },
		{ { .new_fetching = 1 }, FAULT_TA_FETCHING,
		    FAULT_HOST_FETCHING },
		{ { .known_fetching = 1 }, FAULT_TA_FETCHING,
		    FAULT_HOST_FETCHING },
		{ { .stock = 1 }, FAULT_STORE_SHARE, FAULT_STORE_SHARE },
	};
	const struct share most = { 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct share taken = most;

		/* nothing is asked for: nothing is wrong */
		assert_int_equal(share_fault(&taken, &(struct share){ 0 },
				     &most),
		    FAULT_NONE);
		assert_int_equal(share_fault(&taken, &rows[i].more, &most),
		    rows[i].fault);
		assert_int_equal(share_host_fault(&taken, &rows[i].more, &most),
		    rows[i].at_host);
		taken = (struct share){ 0 };
		share_add(&taken, &rows[i].more);
		share_add(&taken, &rows[i].more);
		assert_int_equal(share_fault(&taken, &rows[i].more, &most),
		    FAULT_NONE);
		share_add(&taken, &rows[i].more);
		assert_int_equal(share_fault(&taken, &rows[i].more, &most),
		    rows[i].fault);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_small_ceilings),
		cmocka_unit_test(test_known_ones),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_each_has_its_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
