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

/* 10.2.0.0 to 10.3.255.255, 10.9.0.0/24, AS5 to AS7. */
static const struct report_span spans[] = {
	{ IP_V4, { 10, 2 }, { 10, 3, 255, 255 } },
	{ IP_V4, { 10, 9 }, { 10, 9, 0, 255 } },
	{ REPORT_SPAN_AS, { 0, 0, 0, 5 }, { 0, 0, 0, 7 } },
};

static const struct report_awaited some = { 3, spans };

static const struct snapshot *
before(void)
{
	struct builder *builder = builder_new();
	uint32_t here, there, ended;
	const struct {
		const char *prefix;
		uint32_t *source;
	} rows[] = {
		{ "10.1.0.0/16", &here },  /* before all of it */
		{ "10.2.0.0/15", &here },  /* a whole range */
		{ "10.2.10.0/24", &here }, /* within one */
		{ "10.2.11.0/24", &ended },
		{ "10.2.12.0/24", &there }, /* of another anchor */
		{ "10.0.0.0/8", &here },    /* more than it */
		{ "10.4.0.0/16", &here },   /* between two */
		{ "10.9.0.0/23", &here },   /* beyond one */
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
check_sets(const struct report_awaited awaited[2], const struct snapshot *was,
    const struct snapshot *is, const char *wanted)
{
	struct report_ta tas[2] = { anchors[0], anchors[1] };
	const struct report report = { .ta_count = 2, .tas = tas };
	const struct snapshot *out;
	char *text;

	tas[0].awaited = awaited[0];
	tas[1].awaited = awaited[1];
	out = pending_keep(is, was, &report, NOW);
	text = make_text(out);
	assert_string_equal(text, wanted);
	free(text);
	snapshot_put(out);
	snapshot_put(was);
	snapshot_put(is);
}

static void
test_what_stays(void **state)
{
	const struct report_awaited alpha[2] = { { 0 }, some };
	const struct report_awaited beta[2] = { some, { 0 } };

	(void)state;
	check_sets(alpha, before(), fresh(),
	    "10.2.0.0/15-24 AS1\n10.2.10.0/24-24 AS1\n"
	    "10.9.0.0/16-16 AS9\n");
	check_sets(beta, before(), fresh(),
	    "10.2.12.0/24-24 AS1\n10.9.0.0/16-16 AS9\n");
}

/* Who was heard, or gave nothing, took away what is gone. */
static void
test_nobody_waits(void **state)
{
	const struct report_awaited nothing[2] = { { 0 }, { 0 } };

	(void)state;
	check_sets(nothing, before(), fresh(), "10.9.0.0/16-16 AS9\n");
}

/* An ASPA of this customer with two providers, the next numbers. */
static void
add_aspa(struct builder *builder, uint32_t customer, uint32_t first,
    uint32_t source)
{
	const uint32_t providers[] = { first, first + 1 };
	const struct aspa aspa = { .customer = customer,
		.count = 2,
		.providers = providers };

	builder_aspa(builder, &aspa, source);
}

static void
add_key(struct builder *builder, uint32_t asn, uint32_t source)
{
	static const uint8_t spki[] = { 1, 2, 3 };
	const struct router_key key = { .asn = asn,
		.spki = spki,
		.spki_len = sizeof(spki) };

	builder_router_key(builder, &key, source);
}

/* Of AS numbers too. Of ASPAs that several objects speak of, when all of these
 * stay or stand. */
static void
test_as_numbers(void **state)
{
	const struct report_awaited alpha[2] = { { 0 }, some };
	struct builder *was = builder_new(), *is = builder_new();
	uint32_t gone, stands, ended;

	(void)state;
	builder_ta(was, "alpha");
	gone = make_source(was, 0, "rsync://r/m/gone.asa", NOW);
	stands = make_source(was, 0, "rsync://r/m/stands.asa", NOW);
	ended = make_source(was, 0, "rsync://r/m/ended.asa", ENDED);
	for (uint32_t asn = 4; asn <= 8; asn++) {
		add_key(was, asn, gone);
		add_aspa(was, asn, 10, gone);
	}
	add_aspa(was, 6, 20, stands);
	add_aspa(was, 7, 20, ended);
	builder_ta(is, "alpha");
	stands = make_source(is, 0, "rsync://r/m/stands.asa", NOW);
	add_aspa(is, 6, 20, stands);
	check_sets(alpha, builder_seal(was), builder_seal(is),
	    "key AS5 00.. 3\nkey AS6 00.. 3\nkey AS7 00.. 3\n"
	    "aspa 5: 10 11\naspa 6: 10 11 20 21\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_stays),
		cmocka_unit_test(test_nobody_waits),
		cmocka_unit_test(test_as_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
