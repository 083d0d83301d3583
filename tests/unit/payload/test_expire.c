/* SPDX-License-Identifier: BSD-2-Clause */
/* What has ended leaves at its second, and nothing else does. */
#include "payload/expire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/payload/make.h"

enum { MANY = 200 };

static const uint32_t providers[] = { 8, 9 };

static const struct snapshot *
some(void)
{
	struct builder *builder = builder_new();
	struct vrp twice = make_vrp("10.0.0.0/8", 8, 1);
	struct vrp once = make_vrp("10.0.0.0/8", 9, 1);
	struct vrp forever = make_vrp("10.0.0.0/8", 10, 1);
	uint32_t early, late;

	builder_ta(builder, "alpha");
	early = make_source(builder, 0, "rsync://r/m/a.roa", 100);
	late = make_source(builder, 0, "rsync://r/m/b.roa", 200);
	builder_vrp(builder, &twice, early);
	builder_vrp(builder, &twice, late);
	builder_vrp(builder, &once, early);
	builder_vrp(builder, &forever,
	    make_source(builder, 0, "rsync://r/m/c.roa", INT64_MAX));
	builder_aspa(builder,
	    &(struct aspa){ .customer = 1, .count = 1, .providers = providers },
	    early);
	builder_aspa(builder,
	    &(struct aspa){ .customer = 1,
		.count = 1,
		.providers = providers + 1 },
	    late);
	builder_aspa(builder,
	    &(struct aspa){ .customer = 2, .count = 1, .providers = providers },
	    late);
	return builder_seal(builder);
}

static const struct {
	int64_t now;
	size_t gone, vrps, aspas;
	int64_t next;
} rows[] = {
	{ 0, 0, 3, 2, 100 },
	{ 100, 0, 3, 2, 100 },
	/* The VRP lives on by its later source, the ASPA does not. */
	{ 101, 2, 2, 1, 200 },
	{ 200, 2, 2, 1, 200 },
	{ 201, 4, 1, 0, INT64_MAX },
};

static void
leaves_at_its_second(void **state)
{
	const struct snapshot *all = some();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct expire found;
		const struct snapshot *left =
		    expire_apply(all, rows[i].now, &found);

		assert_int_equal(found.gone, rows[i].gone);
		assert_true(found.next == rows[i].next);
		assert_int_equal(snapshot_vrps(left), rows[i].vrps);
		assert_int_equal(snapshot_aspas(left), rows[i].aspas);
		if (rows[i].gone == 0) {
			assert_ptr_equal(left, all);
		}
		snapshot_put(left);
	}
	snapshot_put(all);
}

/* Against the definition, item by item, at every second. */
static void
agrees_with_the_snapshot(void **state)
{
	struct builder *builder = builder_new();
	const struct snapshot *all;
	unsigned seed = 7;

	(void)state;
	builder_ta(builder, "alpha");
	for (unsigned i = 0; i < MANY; i++) {
		struct vrp vrp;

		seed = seed * 1103515245 + 12345;
		vrp = make_vrp("10.0.0.0/8", 8 + (seed >> 16) % 16,
		    1 + (seed >> 20) % 6);
		builder_vrp(builder, &vrp,
		    make_source(builder, 0, "rsync://r/m/x.roa",
			(seed >> 24) % 50));
	}
	all = builder_seal(builder);
	for (int64_t now = 0; now < 55; now++) {
		struct expire found;
		const struct snapshot *left = expire_apply(all, now, &found);
		size_t live = 0;

		for (size_t i = 0; i < snapshot_vrps(all); i++) {
			live += snapshot_expires(all, ITEM_VRP, i) >= now;
		}
		assert_int_equal(snapshot_vrps(left), live);
		assert_int_equal(found.gone, snapshot_vrps(all) - live);
		for (size_t i = 0; i < snapshot_vrps(left); i++) {
			int64_t end = snapshot_expires(left, ITEM_VRP, i);

			assert_true(end >= found.next);
			assert_true(end >= now);
		}
		snapshot_put(left);
	}
	snapshot_put(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_at_its_second),
		cmocka_unit_test(agrees_with_the_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
