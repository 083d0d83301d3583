/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 6811 by table, and the index against a plain walk over all VRPs. */
#include "payload/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "payload/filter.h"
#include "tests/unit/payload/make.h"

static const struct snapshot *
some(void)
{
	struct builder *builder = builder_new();

	builder_ta(builder, "alpha");
	make_add(builder, "10.0.0.0/8", 16, 1);
	make_add(builder, "10.0.0.0/16", 16, 2);
	make_add(builder, "10.0.0.0/16", 24, 1);
	make_add(builder, "10.1.0.0/16", 16, 0);
	make_add(builder, "0.0.0.0/0", 0, 9);
	make_add(builder, "2001:db8::/32", 48, 1);
	make_add(builder, "255.255.255.255/32", 32, 7);
	return builder_seal(builder);
}

static const struct {
	const char *what, *prefix;
	uint32_t asn;
	enum origin_state state;
	enum origin_reason reason;
	unsigned matched, as, length;
} cases[] = {
	{ "two match", "10.0.0.0/16", 1, ORIGIN_VALID, ORIGIN_NO_REASON, 2, 2,
	    0 },
	{ "too long for one", "10.0.1.0/24", 1, ORIGIN_VALID, ORIGIN_NO_REASON,
	    1, 2, 1 },
	{ "too long for all", "10.0.1.0/25", 1, ORIGIN_INVALID, ORIGIN_LENGTH,
	    0, 2, 2 },
	{ "another AS", "10.2.0.0/16", 5, ORIGIN_INVALID, ORIGIN_AS, 0, 2, 0 },
	{ "AS0 in the VRP", "10.1.0.0/16", 0, ORIGIN_INVALID, ORIGIN_AS, 0, 3,
	    0 },
	{ "default covers all of its family", "192.0.2.0/24", 9, ORIGIN_INVALID,
	    ORIGIN_LENGTH, 0, 0, 1 },
	{ "default itself", "0.0.0.0/0", 9, ORIGIN_VALID, ORIGIN_NO_REASON, 1,
	    0, 0 },
	{ "no cover", "2001:db9::/32", 1, ORIGIN_NOT_FOUND, ORIGIN_NO_REASON, 0,
	    0, 0 },
	{ "shorter than the VRP", "2001::/16", 1, ORIGIN_NOT_FOUND,
	    ORIGIN_NO_REASON, 0, 0, 0 },
	{ "the last address", "255.255.255.255/32", 7, ORIGIN_VALID,
	    ORIGIN_NO_REASON, 1, 1, 0 },
	{ "before everything", "::/0", 7, ORIGIN_NOT_FOUND, ORIGIN_NO_REASON, 0,
	    0, 0 },
};

static void
knows_the_rules(void **state)
{
	const struct snapshot *snapshot = some();
	struct origin_index *index = origin_new(snapshot);
	struct arena *arena = arena_new();

	(void)state;
	snapshot_put(snapshot);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vrp route = make_vrp(cases[i].prefix, 128, 1);
		struct origin_answer answer =
		    origin_explain(index, &route.prefix, cases[i].asn, arena);

		print_message("# %s\n", cases[i].what);
		assert_int_equal(answer.state, cases[i].state);
		assert_int_equal(answer.reason, cases[i].reason);
		assert_int_equal(answer.matched.count, cases[i].matched);
		assert_int_equal(answer.unmatched_as.count, cases[i].as);
		assert_int_equal(answer.unmatched_length.count,
		    cases[i].length);
		assert_int_equal(origin_state(index, &route.prefix,
				     cases[i].asn),
		    cases[i].state);
	}
	assert_string_equal(origin_state_name(ORIGIN_NOT_FOUND), "not-found");
	arena_free(arena);
	origin_free(index);
	origin_free(NULL);
}

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static struct vrp
any_vrp(uint32_t *seed)
{
	struct vrp vrp = { .asn = next(seed) % 4 };
	unsigned length = next(seed) % 25;

	vrp.prefix.family = next(seed) % 2 == 0 ? IP_V4 : IP_V6;
	vrp.prefix.length = (uint8_t)length;
	for (unsigned bit = 0; bit < length; bit++) {
		if (next(seed) % 4 == 0) {
			vrp.prefix.address[bit / 8] |= 0x80 >> (bit % 8);
		}
	}
	vrp.max_length = (uint8_t)(length + next(seed) % 4);
	return vrp;
}

static enum origin_state
plain(const struct snapshot *snapshot, const struct vrp *route)
{
	enum origin_state state = ORIGIN_NOT_FOUND;

	for (size_t i = 0; i < snapshot_vrps(snapshot); i++) {
		const struct vrp *vrp = snapshot_vrp(snapshot, i);

		if (!ip_prefix_covers(&vrp->prefix, &route->prefix)) {
			continue;
		}
		if (vrp->asn == route->asn && route->asn != 0 &&
		    route->prefix.length <= vrp->max_length) {
			return ORIGIN_VALID;
		}
		state = ORIGIN_INVALID;
	}
	return state;
}

static void
answers_as_a_plain_walk_does(void **state)
{
	struct builder *builder = builder_new();
	const struct snapshot *snapshot;
	struct origin_index *index;
	unsigned seen[3] = { 0 };
	uint32_t seed = 7;
	uint32_t source = make_source(builder, 0, "rsync://r/m/x", 1);

	(void)state;
	for (unsigned i = 0; i < 1500; i++) {
		struct vrp vrp = any_vrp(&seed);

		if (vrp.prefix.length > 3) {
			builder_vrp(builder, &vrp, source);
		}
	}
	snapshot = builder_seal(builder);
	index = origin_new(snapshot);
	for (unsigned i = 0; i < 4000; i++) {
		struct vrp route = any_vrp(&seed);
		enum origin_state got =
		    origin_state(index, &route.prefix, route.asn);

		assert_int_equal(got, plain(snapshot, &route));
		seen[got]++;
	}
	assert_true(seen[0] > 50 && seen[1] > 50 && seen[2] > 50);
	origin_free(index);
	snapshot_put(snapshot);
}

static void
holds_nothing(void **state)
{
	const struct snapshot *snapshot = builder_seal(builder_new());
	struct origin_index *index = origin_new(snapshot);
	struct vrp route = make_vrp("10.0.0.0/8", 8, 1);

	(void)state;
	assert_int_equal(origin_state(index, &route.prefix, 1),
	    ORIGIN_NOT_FOUND);
	route.prefix.family = 9;
	assert_int_equal(origin_state(index, &route.prefix, 1),
	    ORIGIN_NOT_FOUND);
	origin_free(index);
	snapshot_put(snapshot);
}

static size_t
selected(const struct filter *filter)
{
	const struct snapshot *snapshot = some();
	size_t count = 0;

	for (size_t i = 0; i < snapshot_vrps(snapshot); i++) {
		count += filter_item(filter, snapshot, ITEM_VRP, i);
	}
	snapshot_put(snapshot);
	return count;
}

static void
selects_by_asn_and_prefix(void **state)
{
	uint32_t asns[] = { 7, 2 };
	struct ip_prefix ten = make_vrp("10.0.0.0/16", 32, 1).prefix;
	struct filter filter = { 0 };

	(void)state;
	assert_int_equal(selected(NULL), 7);
	assert_int_equal(selected(&filter), 7);
	filter_select(&filter, asns, 2, NULL, 0);
	assert_int_equal(selected(&filter), 2);
	filter_select(&filter, asns, 2, &ten, 1);
	assert_int_equal(selected(&filter), 5); /* 0/0, 10/8, two 10.0/16, 7 */
	filter_select(&filter, NULL, 0, &ten, 1);
	assert_int_equal(selected(&filter), 4);
	ten = make_vrp("10.0.0.0/8", 32, 1).prefix;
	assert_int_equal(selected(&filter), 2);
	filter.more_specifics = true;
	assert_int_equal(selected(&filter), 5);
	filter.without[ITEM_VRP] = true;
	assert_int_equal(selected(&filter), 0);
}

/* A prefix of few bits, so that many lie within others. */
static struct ip_prefix
some_prefix(unsigned *seed)
{
	struct ip_prefix prefix = { .family = IP_V4 };

	*seed = *seed * 1103515245 + 12345;
	prefix.family = *seed >> 28 & 1 ? IP_V4 : IP_V6;
	prefix.length = *seed >> 24 & 7;
	prefix.address[0] =
	    (uint8_t)((*seed >> 16 & 0xff) & 0xff00 >> prefix.length);
	return prefix;
}

/* Looked up in lists put in order, and one by one in lists as they came. */
static void
selects_what_the_rule_says(void **state)
{
	enum { MOST = 6, ROUNDS = 2000 };
	unsigned seed = 1;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct filter filter = { .more_specifics = round % 2 == 1 };
		struct ip_prefix mine[MOST], list[MOST];
		struct vrp vrp = { .asn = 1 };
		bool wanted = false;

		vrp.prefix = some_prefix(&seed);
		for (unsigned i = 0; i < MOST; i++) {
			mine[i] = list[i] = some_prefix(&seed);
			wanted |= ip_prefix_covers(&vrp.prefix, &mine[i]) ||
				  (filter.more_specifics &&
				      ip_prefix_covers(&mine[i], &vrp.prefix));
		}
		filter_select(&filter, NULL, 0, list, MOST);
		assert_int_equal(filter_vrp(&filter, &vrp), wanted);
	}
}

/* Whoever sends a list of thousands has it looked up for each VRP there is. */
static void
selects_by_long_lists(void **state)
{
	enum { LISTED = 8000, VRPS = 200000, PATIENCE_US = 5000000 };
	struct ip_prefix *prefixes = mem_zero(LISTED, sizeof(*prefixes));
	uint32_t *asns = mem_zero(LISTED, sizeof(*asns));
	struct filter filter = { .more_specifics = true };
	int64_t began = clock_thread_us();
	size_t count = 0;

	(void)state;
	for (unsigned i = 0; i < LISTED; i++) {
		asns[i] = 1000000 + LISTED - i;
		prefixes[i] = (struct ip_prefix){
			.address = { 200, (uint8_t)(i >> 8), (uint8_t)i },
			.family = IP_V4,
			.length = 24,
		};
	}
	filter_select(&filter, asns, LISTED, prefixes, LISTED);
	for (unsigned i = 0; i < VRPS; i++) {
		const struct vrp vrp = {
			.prefix = {
				.address = { (uint8_t)(i >> 11),
				    (uint8_t)(i >> 3), (uint8_t)(i << 5) },
				.family = IP_V4,
				.length = 19,
			},
			.asn = i,
		};

		count += filter_vrp(&filter, &vrp);
	}
	assert_int_equal(count, 0);
	assert_true(clock_thread_us() - began < PATIENCE_US);
	free(prefixes);
	free(asns);
}

static void
lets_through_what_is_short_enough(void **state)
{
	struct filter_policy policy = { .v4_length = 32, .v6_length = 128 };
	const struct snapshot *snapshot = some();
	const struct snapshot *same, *less;
	size_t removed;

	(void)state;
	same = filter_apply(&policy, snapshot, &removed);
	assert_ptr_equal(same, snapshot);
	assert_int_equal(removed, 0);
	policy.v4_length = 15;
	less = filter_apply(&policy, snapshot, &removed);
	assert_int_equal(removed, 4);
	assert_int_equal(snapshot_vrps(less), 3);
	assert_string_equal(snapshot_ta(less, ITEM_VRP, 0), "alpha");
	snapshot_put(less);
	policy.without[ITEM_VRP] = true;
	less = filter_apply(&policy, snapshot, &removed);
	assert_int_equal(snapshot_vrps(less), 0);
	snapshot_put(less);
	snapshot_put(same);
	snapshot_put(snapshot);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_rules),
		cmocka_unit_test(answers_as_a_plain_walk_does),
		cmocka_unit_test(holds_nothing),
		cmocka_unit_test(selects_by_asn_and_prefix),
		cmocka_unit_test(selects_what_the_rule_says),
		cmocka_unit_test(selects_by_long_lists),
		cmocka_unit_test(lets_through_what_is_short_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
