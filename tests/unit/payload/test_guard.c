/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What fails to be fetched stays, what was taken away goes.
 *
 * The world of these tests: trust anchor alpha with CAs one and two below it
 * and three below two; each in a repository of its own.
 */
#include "payload/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/unit/payload/make.h"

enum { TOP, ONE, TWO, THREE, PLACES, ABSENT = POINT_STATES };

static const char *const dirs[PLACES] = { "rsync://r.example/top/",
	"rsync://r.example/one/", "rsync://r.example/two/",
	"rsync://r.example/three/" };
static const unsigned parents[PLACES] = { 0, TOP, TOP, TWO };

static const struct guard_config config = { .drop = 10, .time = 1000 };

struct run {
	struct report report;
	struct report_ta ta;
	struct report_repository repositories[PLACES];
	struct report_point points[PLACES];
};

static void
name_of(unsigned place, char uri[64])
{
	snprintf(uri, 64, "%sx.mft", dirs[place]);
}

/* A run in which the points stood like this, in the order of the world. */
static void
run_of(struct run *run, const unsigned states[PLACES])
{
	size_t at[PLACES];
	size_t n = 0;

	memset(run, 0, sizeof(*run));
	run->ta = (struct report_ta){ .name = "alpha" };
	run->report.ta_count = 1;
	run->report.tas = &run->ta;
	run->report.repositories = run->repositories;
	run->report.points = run->points;
	for (unsigned i = 0; i < PLACES; i++) {
		char uri[64];

		if (states[i] == ABSENT) {
			continue;
		}
		name_of(i, uri);
		run->repositories[n].uri = dirs[i];
		run->points[n] = (struct report_point){
			.name = report_point_name(uri),
			.parent = i == TOP ? REPORT_NO_POINT
					   : (uint32_t)at[parents[i]],
			.repository = (uint16_t)n,
			.state = (enum report_point_state)states[i],
		};
		at[i] = n++;
	}
	run->report.point_count = n;
	run->report.repository_count = n;
	if (n == 0) {
		run->ta.fault = FAULT_DER_TAG;
	}
}

/* So many VRPs of each point; their AS tells which: 1000 * place + i. */
static const struct snapshot *
set_of(const unsigned counts[PLACES], int64_t expires)
{
	struct builder *builder = builder_new();

	builder_ta(builder, "alpha");
	for (unsigned place = 0; place < PLACES; place++) {
		for (unsigned i = 0; i < counts[place]; i++) {
			struct vrp vrp =
			    make_vrp("10.0.0.0/8", 24, 1000 * place + i);
			char uri[64];

			snprintf(uri, sizeof(uri), "%s%u.roa", dirs[place], i);
			builder_vrp(builder, &vrp,
			    make_source(builder, 0, uri, expires));
		}
	}
	return builder_seal(builder);
}

static void
assert_counts(const struct snapshot *set, const unsigned counts[PLACES])
{
	unsigned found[PLACES] = { 0 };

	for (size_t i = 0; i < snapshot_vrps(set); i++) {
		found[snapshot_vrp(set, i)->asn / 1000]++;
	}
	for (unsigned place = 0; place < PLACES; place++) {
		assert_int_equal(found[place], counts[place]);
	}
}

#define SET(...) ((const unsigned[PLACES]){ __VA_ARGS__ })
#define V        POINT_VALID
#define C        POINT_CACHED
#define R        POINT_REJECTED
#define A        ABSENT

/* One row: what was, what the run saw and brought, what is published. */
static const struct {
	const char *what;
	unsigned before[PLACES];
	unsigned states[PLACES];
	unsigned fresh[PLACES];
	unsigned out[PLACES];
	enum guard_event event;
} rows[] = {
	{ "nothing is lost", { 1, 5, 5, 5 }, { V, V, V, V }, { 1, 5, 5, 5 },
	    { 1, 5, 5, 5 }, GUARD_QUIET },
	{ "a point is rejected", { 1, 5, 5, 5 }, { V, R, V, V }, { 1, 0, 5, 5 },
	    { 1, 5, 5, 5 }, GUARD_BEGINS },
	{ "a valid manifest withdrew", { 1, 5, 5, 5 }, { V, V, V, V },
	    { 1, 0, 5, 5 }, { 1, 0, 5, 5 }, GUARD_QUIET },
	{ "the last good version has less", { 1, 5, 5, 5 }, { V, C, V, V },
	    { 1, 0, 5, 5 }, { 1, 0, 5, 5 }, GUARD_QUIET },
	{ "both at once", { 1, 5, 5, 5 }, { V, R, V, V }, { 1, 0, 5, 2 },
	    { 1, 5, 5, 2 }, GUARD_BEGINS },
	{ "a CA is gone from a valid parent", { 1, 5, 5, 5 }, { V, V, V, A },
	    { 1, 5, 5, 0 }, { 1, 5, 5, 0 }, GUARD_QUIET },
	{ "a CA is not reached: its parent is rejected", { 1, 5, 5, 5 },
	    { V, V, R, A }, { 1, 5, 0, 0 }, { 1, 5, 5, 5 }, GUARD_BEGINS },
	{ "and again not, when the grandparent took the parent away",
	    { 1, 5, 5, 5 }, { V, V, A, A }, { 1, 5, 0, 0 }, { 1, 5, 0, 0 },
	    GUARD_QUIET },
	{ "the anchor's own point is rejected", { 1, 5, 5, 5 }, { R, A, A, A },
	    { 0, 0, 0, 0 }, { 1, 5, 5, 5 }, GUARD_BEGINS },
	{ "there is no anchor", { 1, 5, 5, 5 }, { A, A, A, A }, { 0, 0, 0, 0 },
	    { 1, 5, 5, 5 }, GUARD_BEGINS },
	{ "too little is lost", { 1, 1, 50, 5 }, { V, R, V, V },
	    { 1, 0, 50, 5 }, { 1, 0, 50, 5 }, GUARD_QUIET },
};

static void
decides_as_the_table_says(void **state)
{
	static const unsigned well[PLACES] = { V, V, V, V };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct snapshot *before = set_of(rows[i].before, 2000);
		const struct snapshot *fresh = set_of(rows[i].fresh, 2000);
		struct guard guard = { .anchors = NULL };
		const struct snapshot *out;
		enum guard_event event;
		struct run then, now;

		print_message("# %s\n", rows[i].what);
		run_of(&then, well);
		run_of(&now, rows[i].states);
		out = guard_apply(&guard, &config,
		    &(struct losses_case){ .now = 100,
			.before = before,
			.then = &then.report,
			.fresh = fresh,
			.report = &now.report },
		    &event);
		assert_int_equal(event, rows[i].event);
		assert_counts(out, rows[i].out);
		assert_int_equal(guard_holds(&guard),
		    rows[i].event == GUARD_BEGINS);
		if (rows[i].event != GUARD_BEGINS) {
			assert_ptr_equal(out, fresh);
		}
		guard_clear(&guard);
		snapshot_put(out);
		snapshot_put(before);
		snapshot_put(fresh);
	}
}

/* --- several runs */

struct tale {
	struct guard guard;
	const struct snapshot *published;
	struct run then;
	int64_t now;
	struct guard_config config;
};

static void
begin(struct tale *tale, const unsigned counts[PLACES], int64_t expires)
{
	memset(tale, 0, sizeof(*tale));
	tale->config = config;
	tale->published = set_of(counts, expires);
	tale->now = 100;
	run_of(&tale->then, SET(V, V, V, V));
}

static void
end(struct tale *tale)
{
	guard_clear(&tale->guard);
	snapshot_put(tale->published);
}

/* The memory survives a restart between any two runs. */
static void
restart(struct tale *tale)
{
	struct octets o = { .at = NULL };
	struct guard guard;

	guard_encode(&o, &tale->guard);
	for (size_t cut = 0; cut < o.len; cut++) {
		assert_false(guard_decode(&guard, bytes_of(o.at, cut)));
		assert_null(guard.anchors);
	}
	guard_clear(&tale->guard);
	assert_true(guard_decode(&tale->guard, octets_bytes(&o)));
	octets_clear(&o);
}

static enum guard_event
run(struct tale *tale, const unsigned states[PLACES],
    const unsigned counts[PLACES])
{
	const struct snapshot *fresh = set_of(counts, 2000);
	const struct snapshot *out;
	enum guard_event event = GUARD_QUIET;
	struct run now;

	restart(tale);
	run_of(&now, states);
	out = guard_apply(&tale->guard, &tale->config,
	    &(struct losses_case){ .now = tale->now,
		.before = tale->published,
		.then = &tale->then.report,
		.fresh = fresh,
		.report = &now.report },
	    &event);
	snapshot_put(tale->published);
	snapshot_put(fresh);
	tale->published = out;
	run_of(&tale->then, states);
	tale->now += 10;
	return event;
}

static void
holds_until_it_recovers(void **state)
{
	struct tale t;

	(void)state;
	begin(&t, SET(1, 5, 5, 5), 2000);
	assert_int_equal(run(&t, SET(V, V, R, A), SET(1, 5, 0, 0)),
	    GUARD_BEGINS);
	assert_int_equal(guard_find(&t.guard, "alpha")->held, 10);
	assert_int_equal(guard_find(&t.guard, "alpha")->since, 100);
	/* The last report does not know of three any more. */
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(run(&t, SET(V, V, R, A), SET(1, 5, 0, 0)),
		    GUARD_HOLDS);
		assert_counts(t.published, SET(1, 5, 5, 5));
		assert_int_equal(guard_find(&t.guard, "alpha")->since, 100);
	}
	/* Two comes back, and does not have three any more. */
	assert_int_equal(run(&t, SET(V, V, V, A), SET(1, 5, 5, 0)),
	    GUARD_RECOVERED);
	assert_counts(t.published, SET(1, 5, 5, 0));
	assert_false(guard_holds(&t.guard));
	end(&t);
}

static void
holds_no_anchor_over_many_runs(void **state)
{
	struct tale t;

	(void)state;
	begin(&t, SET(1, 5, 5, 5), 2000);
	assert_int_equal(run(&t, SET(A, A, A, A), SET(0, 0, 0, 0)),
	    GUARD_BEGINS);
	assert_int_equal(run(&t, SET(A, A, A, A), SET(0, 0, 0, 0)),
	    GUARD_HOLDS);
	assert_counts(t.published, SET(1, 5, 5, 5));
	/* The anchor is back before what is below it. */
	assert_int_equal(run(&t, SET(R, A, A, A), SET(0, 0, 0, 0)),
	    GUARD_HOLDS);
	assert_counts(t.published, SET(1, 5, 5, 5));
	assert_int_equal(run(&t, SET(V, V, R, A), SET(1, 5, 0, 0)),
	    GUARD_HOLDS);
	assert_counts(t.published, SET(1, 5, 5, 5));
	assert_int_equal(run(&t, SET(V, V, V, V), SET(1, 5, 5, 5)),
	    GUARD_RECOVERED);
	end(&t);
}

static void
lets_go_what_expires(void **state)
{
	struct tale t;

	(void)state;
	begin(&t, SET(1, 5, 5, 5), 150);
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 5, 5)),
	    GUARD_BEGINS);
	t.now = 151;
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 5, 5)),
	    GUARD_RECOVERED);
	assert_counts(t.published, SET(1, 0, 5, 5));
	end(&t);
}

static void
lets_go_when_accepted(void **state)
{
	struct tale t;

	(void)state;
	begin(&t, SET(1, 5, 5, 5), 2000);
	assert_false(guard_accept(&t.guard, "alpha"));
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 5, 5)),
	    GUARD_BEGINS);
	assert_false(guard_accept(&t.guard, "beta"));
	assert_true(guard_accept(&t.guard, "alpha"));
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 5, 5)),
	    GUARD_ACCEPTED);
	assert_counts(t.published, SET(1, 0, 5, 5));
	/* What fails next is guarded again. */
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 5, 5)),
	    GUARD_QUIET);
	assert_int_equal(run(&t, SET(V, R, R, A), SET(1, 0, 0, 0)),
	    GUARD_BEGINS);
	assert_counts(t.published, SET(1, 0, 5, 5));
	end(&t);
}

static void
lets_go_after_its_time(void **state)
{
	struct tale t;

	(void)state;
	begin(&t, SET(1, 5, 5, 5), 2000);
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 5, 5)),
	    GUARD_BEGINS);
	t.now = 1099;
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 5, 5)),
	    GUARD_HOLDS);
	t.now = 1100;
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 5, 5)),
	    GUARD_EXPIRED);
	assert_counts(t.published, SET(1, 0, 5, 5));
	end(&t);
}

/* Many small losses are one large one. */
static void
adds_up(void **state)
{
	struct tale t;

	(void)state;
	begin(&t, SET(1, 2, 40, 3), 2000);
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 40, 3)),
	    GUARD_QUIET);
	assert_int_equal(run(&t, SET(V, R, V, R), SET(1, 0, 40, 0)),
	    GUARD_BEGINS);
	assert_counts(t.published, SET(1, 0, 40, 3));
	end(&t);
	/* But not when all was well in between. */
	begin(&t, SET(1, 2, 40, 3), 2000);
	assert_int_equal(run(&t, SET(V, R, V, V), SET(1, 0, 40, 3)),
	    GUARD_QUIET);
	assert_int_equal(run(&t, SET(V, V, V, V), SET(1, 2, 40, 3)),
	    GUARD_QUIET);
	assert_int_equal(run(&t, SET(V, V, V, R), SET(1, 2, 40, 0)),
	    GUARD_QUIET);
	end(&t);
}

static void
is_off_at_zero(void **state)
{
	struct tale t;

	(void)state;
	begin(&t, SET(1, 5, 5, 5), 2000);
	t.config.drop = 0;
	assert_int_equal(run(&t, SET(A, A, A, A), SET(0, 0, 0, 0)),
	    GUARD_QUIET);
	assert_counts(t.published, SET(0, 0, 0, 0));
	end(&t);
}

/* --- what the operator left out */

static void
leaves_out_what_the_operator_does(void **state)
{
	const struct snapshot *before = set_of(SET(1, 5, 5, 5), 2000);
	const struct snapshot *fresh = set_of(SET(1, 0, 5, 5), 2000);
	struct guard guard = { .anchors = NULL };
	const struct snapshot *out;
	enum guard_event event = GUARD_BEGINS;
	struct run then, now;
	struct losses_case one = { .now = 100,
		.before = before,
		.then = &then.report,
		.fresh = fresh,
		.report = &now.report };

	(void)state;
	run_of(&then, SET(V, V, V, V));
	run_of(&now, SET(V, R, V, V));
	now.repositories[ONE].fault = FAULT_REPOSITORY_SKIPPED;
	out = guard_apply(&guard, &config, &one, &event);
	assert_int_equal(event, GUARD_QUIET);
	assert_ptr_equal(out, fresh);
	snapshot_put(out);
	/* The trust anchor is not among those any more. */
	run_of(&now, SET(A, A, A, A));
	now.ta.name = "beta";
	out = guard_apply(&guard, &config, &one, &event);
	assert_int_equal(event, GUARD_QUIET);
	assert_ptr_equal(out, fresh);
	snapshot_put(out);
	guard_clear(&guard);
	snapshot_put(before);
	snapshot_put(fresh);
}

/* --- ASPAs of several sources */

static const uint32_t some[] = { 7, 8, 9 };

/* Customer 5: from `one` providers 7 and 8, from `two` 9. */
static const struct snapshot *
aspas(bool one, bool two)
{
	struct builder *builder = builder_new();

	builder_ta(builder, "alpha");
	if (one) {
		builder_aspa(builder,
		    &(struct aspa){ .customer = 5,
			.count = 2,
			.providers = some },
		    make_source(builder, 0, "rsync://r.example/one/a.asa",
			2000));
	}
	if (two) {
		builder_aspa(builder,
		    &(struct aspa){ .customer = 5,
			.count = 1,
			.providers = some + 2 },
		    make_source(builder, 0, "rsync://r.example/two/a.asa",
			2000));
	}
	return builder_seal(builder);
}

static uint32_t
providers_after(const unsigned states[PLACES], bool one, bool two)
{
	const struct snapshot *before = aspas(true, true);
	const struct snapshot *fresh = aspas(one, two);
	struct guard guard = { .anchors = NULL };
	const struct snapshot *out;
	enum guard_event event;
	struct run then, now;
	uint32_t count;

	run_of(&then, SET(V, V, V, V));
	run_of(&now, states);
	out = guard_apply(&guard, &config,
	    &(struct losses_case){ .now = 100,
		.before = before,
		.then = &then.report,
		.fresh = fresh,
		.report = &now.report },
	    &event);
	count = snapshot_aspas(out) == 0 ? 0 : snapshot_aspa(out, 0)->count;
	guard_clear(&guard);
	snapshot_put(out);
	snapshot_put(before);
	snapshot_put(fresh);
	return count;
}

static void
unites_only_what_failed(void **state)
{
	(void)state;
	assert_int_equal(providers_after(SET(V, R, V, V), false, true), 3);
	assert_int_equal(providers_after(SET(V, R, R, A), false, false), 3);
	/* One withdrew, two failed: whose provider was whose? */
	assert_int_equal(providers_after(SET(V, V, R, A), false, false), 0);
	assert_int_equal(providers_after(SET(V, V, V, V), false, true), 1);
	assert_int_equal(providers_after(SET(V, V, V, V), true, true), 3);
}

/* --- a CA that changes its key: two points of one name */

static void
lets_either_key_speak(void **state)
{
	const struct snapshot *before = set_of(SET(1, 5, 0, 0), 2000);
	const struct snapshot *fresh = set_of(SET(1, 0, 0, 0), 2000);
	struct guard guard = { .anchors = NULL };
	const struct snapshot *out;
	enum guard_event event = GUARD_BEGINS;
	struct run then, now;

	(void)state;
	run_of(&then, SET(V, V, V, V));
	run_of(&now, SET(V, R, V, V));
	now.points[TWO].name = now.points[ONE].name;
	out = guard_apply(&guard, &config,
	    &(struct losses_case){ .now = 100,
		.before = before,
		.then = &then.report,
		.fresh = fresh,
		.report = &now.report },
	    &event);
	assert_int_equal(event, GUARD_QUIET);
	guard_clear(&guard);
	snapshot_put(out);
	snapshot_put(before);
	snapshot_put(fresh);
}

/* Held items name repositories as the new report does. */
static void
renumbers_repositories(void **state)
{
	struct guard guard = { .anchors = NULL };
	const struct snapshot *before, *fresh, *out;
	struct builder *builder = builder_new();
	struct source_room room;
	struct vrp vrp = make_vrp("10.0.0.0/8", 8, 1);
	struct source source = { .ta = 0,
		.repository = TWO,
		.uri = "rsync://r.example/two/a.roa",
		.expires = 2000 };
	enum guard_event event;
	struct run then, now;

	(void)state;
	builder_ta(builder, "alpha");
	builder_vrp(builder, &vrp, builder_source(builder, &source));
	before = builder_seal(builder);
	fresh = set_of(SET(0, 0, 0, 0), 2000);
	run_of(&then, SET(V, V, V, V));
	run_of(&now, SET(V, A, R, A));
	out = guard_apply(&guard, &config,
	    &(struct losses_case){ .now = 100,
		.before = before,
		.then = &then.report,
		.fresh = fresh,
		.report = &now.report },
	    &event);
	assert_int_equal(event, GUARD_BEGINS);
	assert_int_equal(snapshot_source(out, ITEM_VRP, 0, 0, &room)
			     ->repository,
	    1);
	guard_clear(&guard);
	snapshot_put(out);
	snapshot_put(before);
	snapshot_put(fresh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_the_table_says),
		cmocka_unit_test(holds_until_it_recovers),
		cmocka_unit_test(holds_no_anchor_over_many_runs),
		cmocka_unit_test(lets_go_what_expires),
		cmocka_unit_test(lets_go_when_accepted),
		cmocka_unit_test(lets_go_after_its_time),
		cmocka_unit_test(adds_up),
		cmocka_unit_test(is_off_at_zero),
		cmocka_unit_test(leaves_out_what_the_operator_does),
		cmocka_unit_test(unites_only_what_failed),
		cmocka_unit_test(lets_either_key_speak),
		cmocka_unit_test(renumbers_repositories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
