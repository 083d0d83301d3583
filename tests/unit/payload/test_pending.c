/* SPDX-License-Identifier: BSD-2-Clause */
/* What stays while somebody is waited for, and nothing else does. */
#include "payload/pending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/payload/make.h"

enum { NOW = 1000, ENDED = 999 };

static const struct report_ta anchors[] = { { .name = "beta" },
	{ .name = "alpha" } };

/* 10.2.0.0 to 10.3.255.255, and 10.2.0.0/24 which is in it. */
static const struct report_span wide[] = {
	{ IP_V4, { 10, 2 }, { 10, 3, 255, 255 } },
	{ IP_V4, { 10, 2, 9 }, { 10, 2, 9, 255 } },
};

static struct report_ground
ground(uint16_t ta, enum report_point_state state)
{
	return (struct report_ground){ .uri = "rsync://r/m/late.mft",
		.ta = ta,
		.state = state,
		.count = 2,
		.spans = wide };
}

static const struct snapshot *
before(void)
{
	struct builder *builder = builder_new();
	uint32_t here, there, ended;
	const struct {
		const char *prefix;
		uint32_t *source;
	} rows[] = {
		{ "10.1.0.0/16", &here },  /* beside it */
		{ "10.2.0.0/15", &here },  /* all of it */
		{ "10.2.9.0/24", &here },  /* in both ranges */
		{ "10.2.10.0/24", &here }, /* behind the smaller one */
		{ "10.2.11.0/24", &ended },
		{ "10.2.12.0/24", &there }, /* of another anchor */
		{ "10.0.0.0/8", &here },    /* more than it */
		{ "10.4.0.0/16", &here },
		{ "2001:db8::/32", &here },
	};

	builder_ta(builder, "alpha");
	builder_ta(builder, "beta");
	here = make_source(builder, 0, "rsync://r/m/a.roa", NOW);
	ended = make_source(builder, 0, "rsync://r/m/b.roa", ENDED);
	there = make_source(builder, 1, "rsync://r/n/c.roa", NOW);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vrp vrp = make_vrp(rows[i].prefix,
		    rows[i].prefix[0] == '2' ? 32 : 24, 1);

		builder_vrp(builder, &vrp, *rows[i].source);
	}
	return builder_seal(builder);
}

static const struct snapshot *
fresh(void)
{
	struct builder *builder = builder_new();
	struct vrp vrp = make_vrp("10.9.0.0/16", 16, 9);

	builder_ta(builder, "beta");
	builder_vrp(builder, &vrp,
	    make_source(builder, 0, "rsync://r/n/new.roa", NOW));
	return builder_seal(builder);
}

static void
check(struct report_ground *one, const char *wanted)
{
	const struct report report = { .ta_count = 2,
		.tas = (struct report_ta *)(uintptr_t)anchors,
		.ground_count = 1,
		.grounds = one };
	const struct snapshot *was = before(), *is = fresh();
	const struct snapshot *out = pending_keep(is, was, &report, NOW);
	char *text = make_text(out);

	assert_string_equal(text, wanted);
	free(text);
	snapshot_put(out);
	snapshot_put(was);
	snapshot_put(is);
}

static void
test_what_stays(void **state)
{
	struct report_ground alpha = ground(1, POINT_WAITING);
	struct report_ground beta = ground(0, POINT_WAITING);

	(void)state;
	check(&alpha, "10.2.0.0/15-24 AS1\n10.2.9.0/24-24 AS1\n"
		      "10.2.10.0/24-24 AS1\n10.9.0.0/16-16 AS9\n");
	check(&beta, "10.2.12.0/24-24 AS1\n10.9.0.0/16-16 AS9\n");
}

/* Who was heard, or gave nothing, took away what is gone. */
static void
test_nobody_waits(void **state)
{
	struct report_ground one = ground(1, POINT_REJECTED);

	(void)state;
	check(&one, "10.9.0.0/16-16 AS9\n");
	one.state = POINT_CACHED;
	check(&one, "10.9.0.0/16-16 AS9\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_stays),
		cmocka_unit_test(test_nobody_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
