/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be given to routers is bounded in number and in size. */
#include "payload/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/unit/payload/make.h"

enum { KEEP = 10 };

/* So many VRPs of one AS, next to each other. */
static const struct snapshot *
set(uint32_t asn, unsigned count)
{
	struct builder *builder = builder_new();
	uint32_t source =
	    make_source(builder, 0, "rsync://r.example/m/1.roa", INT64_MAX);
	struct vrp vrp = make_vrp("2001:db8::/64", 64, asn);

	for (unsigned i = 0; i < count; i++) {
		vrp.prefix.address[4] = (uint8_t)(i >> 24);
		vrp.prefix.address[5] = (uint8_t)(i >> 16);
		vrp.prefix.address[6] = (uint8_t)(i >> 8);
		vrp.prefix.address[7] = (uint8_t)i;
		builder_vrp(builder, &vrp, source);
	}
	return builder_seal(builder);
}

/* How many deltas there are after so many sets, each all different. */
static uint32_t
after(unsigned sets, unsigned count)
{
	struct history *history = history_new(1, KEEP);
	uint32_t deltas;

	for (unsigned i = 0; i <= sets; i++) {
		assert_true(history_push(history, set(i + 1, count)));
	}
	deltas = history_serial(history) - history_oldest(history);
	assert_int_equal(history_serial(history), 1 + sets);
	assert_null(history_since(history, history_oldest(history) - 1));
	history_free(history);
	return deltas;
}

static void
test_number(void **state)
{
	(void)state;
	assert_int_equal(after(3, 2), 3);
	assert_int_equal(after(KEEP + 5, 2), KEEP);
}

/* The way from each kept serial has a step for each that follows. */
static void
test_path(void **state)
{
	struct history *history = history_new(UINT32_MAX - 2, KEEP);

	(void)state;
	assert_null(history_path(history, UINT32_MAX - 2).at);
	for (unsigned i = 0; i <= 4; i++) {
		assert_true(history_push(history, set(i + 1, 3)));
	}
	for (uint32_t behind = 0; behind <= 4; behind++) {
		uint32_t serial = history_serial(history) - behind;
		struct delta_path path = history_path(history, serial);
		const struct delta *all = delta_path_merge(&path);
		size_t count = behind == 0 ? 0 : 3;

		assert_int_equal(path.count, behind);
		assert_int_equal(delta_count(all, ITEM_VRP, DELTA_WITHDRAW),
		    count);
		assert_int_equal(delta_count(all, ITEM_VRP, DELTA_ANNOUNCE),
		    count);
		delta_put(all);
		delta_path_clear(&path);
	}
	assert_null(history_path(history, history_serial(history) - 5).at);
	assert_null(history_path(history, history_serial(history) + 1).at);
	history_free(history);
}

/* Each change of sets withdraws one and announces the other. */
static void
test_size(void **state)
{
	(void)state;
	assert_int_equal(after(4, LIMIT_HISTORY_CHANGES / 6), 3);
	assert_int_equal(after(2, LIMIT_HISTORY_CHANGES / 6 + 1), 2);
	assert_int_equal(after(3, LIMIT_HISTORY_CHANGES / 6 + 1), 2);
	assert_int_equal(after(2, LIMIT_HISTORY_CHANGES / 2 + 1), 0);
}

/* ASPAs of so many customers; the providers differ with the first. */
static const struct snapshot *
aspas(unsigned customers, uint32_t first)
{
	static uint32_t providers[4000];
	struct builder *builder = builder_new();
	uint32_t source =
	    make_source(builder, 0, "rsync://r.example/m/1.asa", INT64_MAX);
	struct aspa aspa = { .providers = providers, .count = 4000 };

	for (uint32_t i = 0; i < 4000; i++) {
		providers[i] = first + i;
	}
	for (unsigned i = 0; i < customers; i++) {
		aspa.customer = 64496 + i;
		builder_aspa(builder, &aspa, source);
	}
	return builder_seal(builder);
}

/* An ASPA is as large as its providers are many, before and after. */
static void
test_providers(void **state)
{
	const unsigned customers = LIMIT_HISTORY_CHANGES / 8001 / 2;
	struct history *history = history_new(1, KEEP);

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		assert_true(
		    history_push(history, aspas(customers, 100000 + i)));
	}
	assert_int_equal(history_serial(history) - history_oldest(history), 2);
	history_free(history);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_providers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
