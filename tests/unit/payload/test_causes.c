/* SPDX-License-Identifier: BSD-2-Clause */
/* Why an item came or went, a row each. */
#include "payload/causes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/payload/make.h"

#define TOP    "rsync://r.example/top/"
#define CA     "rsync://r.example/ca/"
#define OBJECT CA "a.roa"

enum { ABSENT = POINT_STATES };

/* One side: is the item in what the engine gave, and in what was served? */
struct side {
	bool whole, served;
	const char *uri;  /* of an object there, even without the item */
	unsigned top, ca; /* how the points stood */
};

static const struct {
	const char *what;
	struct side before, after;
	int64_t expires;
	enum fault finding;
	enum fault repository;
	enum fault anchor;
	const char *ta; /* of the second report; NULL: alpha */
	enum cause cause;
	const char *detail;
	bool released; /* by the guard */
} rows[] = {
#define V POINT_VALID
#define R POINT_REJECTED
#define A ABSENT
#define THERE                                                                  \
	{                                                                      \
		true, true, OBJECT, V, V                                       \
	}
	{ "a new object", { false, false, NULL, V, V }, THERE, 99, 0, 0, 0,
	    NULL, CAUSE_OBJECT_NEW, "", false },
	{ "an object that says more now", { false, false, OBJECT, V, V }, THERE,
	    99, 0, 0, 0, NULL, CAUSE_OBJECT_CHANGED, "", false },
	{ "a point that is back", { false, false, NULL, V, R }, THERE, 99, 0, 0,
	    0, NULL, CAUSE_POINT_BACK, "", false },
	{ "an exception taken out", { true, false, OBJECT, V, V }, THERE, 99, 0,
	    0, 0, NULL, CAUSE_LOCAL, "", false },
	{ "an exception put in", THERE, { true, false, OBJECT, V, V }, 99, 0, 0,
	    0, NULL, CAUSE_LOCAL, "", false },
	{ "gone from the manifest", THERE, { false, false, NULL, V, V }, 99, 0,
	    0, 0, NULL, CAUSE_OBJECT_GONE, "", false },
	{ "an object that says less now", THERE, { false, false, OBJECT, V, V },
	    99, 0, 0, 0, NULL, CAUSE_OBJECT_CHANGED, "", false },
	{ "revoked", THERE, { false, false, NULL, V, V }, 99,
	    FAULT_CHAIN_REVOKED, 0, 0, NULL, CAUSE_OBJECT_REJECTED,
	    "chain-revoked", false },
	{ "expired", THERE, { false, false, NULL, V, V }, 9, 0, 0, 0, NULL,
	    CAUSE_EXPIRED, "", false },
	{ "expired while nobody answered", THERE, { false, false, NULL, V, V },
	    9, 0, FAULT_HTTP_TIMEOUT, 0, NULL, CAUSE_REPOSITORY_STALE,
	    "http-timeout", false },
	{ "the guard lets go", THERE, { false, false, NULL, V, R }, 99, 0,
	    FAULT_HTTP_TIMEOUT, 0, NULL, CAUSE_GUARD_RELEASED, "http-timeout",
	    true },
	{ "the guard lets go of others", THERE, { false, false, NULL, V, V },
	    99, 0, 0, 0, NULL, CAUSE_OBJECT_GONE, "", true },
	{ "its point failed", THERE, { false, false, NULL, V, R }, 99, 0,
	    FAULT_HTTP_TIMEOUT, 0, NULL, CAUSE_POINT_FAILED, "http-timeout",
	    false },
	{ "a point above failed", THERE, { false, false, NULL, R, A }, 99, 0, 0,
	    0, NULL, CAUSE_POINT_FAILED, "", false },
	{ "its CA was taken away", THERE, { false, false, NULL, V, A }, 99, 0,
	    0, 0, NULL, CAUSE_CA_GONE, "", false },
	{ "no anchor", THERE, { false, false, NULL, A, A }, 99, 0, 0,
	    FAULT_TA_OCTETS, NULL, CAUSE_ANCHOR_FAILED, "ta-octets", false },
	{ "another anchor", THERE, { false, false, NULL, A, A }, 99, 0, 0, 0,
	    "beta", CAUSE_ANCHOR_REMOVED, "", false },
#undef V
#undef R
#undef A
};

static const struct snapshot *
set_of(bool item, const char *uri, int64_t expires)
{
	struct builder *builder = builder_new();
	struct vrp vrp = make_vrp("10.0.0.0/8", 8, 1);
	struct vrp other = make_vrp("11.0.0.0/8", 8, 1);

	builder_ta(builder, "alpha");
	if (uri != NULL) {
		uint32_t source = make_source(builder, 0, uri, expires);

		builder_vrp(builder, item ? &vrp : &other, source);
	}
	return builder_seal(builder);
}

struct run {
	struct report report;
	struct report_ta ta;
	struct report_repository repository;
	struct report_point points[2];
	struct report_finding finding;
};

static void
run_of(struct run *run, const struct side *side)
{
	size_t n = 0;

	*run = (struct run){ .ta = { .name = "alpha" } };
	run->repository.uri = CA;
	run->report.ta_count = 1;
	run->report.tas = &run->ta;
	run->report.repository_count = 1;
	run->report.repositories = &run->repository;
	run->report.points = run->points;
	run->report.findings = &run->finding;
	if (side->top != ABSENT) {
		run->points[n++] = (struct report_point){
			.name = report_point_name(TOP "x.mft"),
			.parent = REPORT_NO_POINT,
			.repository = UINT16_MAX,
			.state = (enum report_point_state)side->top,
		};
	}
	if (side->ca != ABSENT) {
		run->points[n++] = (struct report_point){
			.name = report_point_name(CA "x.mft"),
			.state = (enum report_point_state)side->ca,
		};
	}
	run->report.point_count = n;
}

static void
finds_the_cause(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct side *sides[2] = { &rows[i].before,
			&rows[i].after };
		struct causes_case one = { .now = 10 };
		struct arena *arena = arena_new();
		struct change *changes, *found = NULL;
		const struct delta *delta;
		struct run runs[2];
		size_t count;

		print_message("# %s\n", rows[i].what);
		for (unsigned s = 0; s < 2; s++) {
			run_of(&runs[s], sides[s]);
			one.whole[s] = set_of(sides[s]->whole, sides[s]->uri,
			    rows[i].expires);
			one.served[s] = set_of(sides[s]->served,
			    sides[s]->served ? sides[s]->uri : NULL,
			    rows[i].expires);
			one.report[s] = &runs[s].report;
		}
		one.released = &rows[i].released;
		runs[1].repository.fault = rows[i].repository;
		runs[1].repository.state =
		    rows[i].repository != 0 ? REPO_STALE : REPO_READY;
		runs[1].ta.fault = rows[i].anchor;
		runs[1].ta.name = rows[i].ta != NULL ? rows[i].ta : "alpha";
		runs[1].finding = (struct report_finding){
			.fault = rows[i].finding,
			.uri = OBJECT,
		};
		runs[1].report.finding_count = rows[i].finding != FAULT_NONE;
		delta = delta_new(one.served[0], one.served[1]);
		count = causes_find(&one, delta, arena, &changes);
		for (size_t c = 0; c < count; c++) {
			if (changes[c].item.vrp.prefix.address[0] == 10) {
				found = &changes[c];
			}
		}
		assert_non_null(found);
		assert_string_equal(causes_name(found->cause),
		    causes_name(rows[i].cause));
		assert_string_equal(found->detail, rows[i].detail);
		assert_string_equal(found->uri, OBJECT);
		assert_string_equal(found->ta, "alpha");
		delta_put(delta);
		for (unsigned s = 0; s < 2; s++) {
			snapshot_put(one.whole[s]);
			snapshot_put(one.served[s]);
		}
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
