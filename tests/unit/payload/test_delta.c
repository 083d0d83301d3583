/* SPDX-License-Identifier: BSD-2-Clause */
/* Differences of sets, and that merging them is the difference of the ends. */
#include "payload/delta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/octets.h"
#include "tests/unit/payload/make.h"

/* A set is a word: each small letter a VRP, each capital a router key, each
 * digit the only provider of customer 1. */
static const struct snapshot *
set_of(const char *word)
{
	struct builder *builder = builder_new();
	uint32_t source = make_source(builder, 0, "rsync://r/m/x", 9);

	builder_ta(builder, "alpha");
	for (; *word != 0; word++) {
		uint8_t spki[4] = { (uint8_t)*word };
		uint32_t provider = (uint32_t)(*word - '0');

		if (*word >= 'a') {
			make_add(builder, "10.0.0.0/8", 8, (uint8_t)*word);
		} else if (*word >= 'A') {
			builder_router_key(builder,
			    &(struct router_key){ .asn = (uint8_t)*word,
				.spki = spki,
				.spki_len = 4 },
			    source);
		} else {
			builder_aspa(builder,
			    &(struct aspa){ .customer = 1,
				.count = 1,
				.providers = &provider },
			    source);
		}
	}
	return builder_seal(builder);
}

static void
put_action(struct octets *out, const struct delta *delta,
    enum delta_action action)
{
	size_t vrps = delta_count(delta, ITEM_VRP, action);
	size_t keys = delta_count(delta, ITEM_ROUTER_KEY, action);

	for (size_t i = 0; i < vrps; i++) {
		octets_u8(out, (uint8_t)delta_vrp(delta, action, i)->asn);
	}
	for (size_t i = 0; i < keys; i++) {
		const struct router_key *key =
		    delta_router_key(delta, action, i);

		octets_u8(out, key->spki[0]);
	}
}

/* "+announced-withdrawn" and "12" for provider 1 that became 2 (0: none). */
static char *
delta_text(const struct delta *delta)
{
	struct octets out = { .at = NULL };

	octets_u8(&out, '+');
	put_action(&out, delta, DELTA_ANNOUNCE);
	octets_u8(&out, '-');
	put_action(&out, delta, DELTA_WITHDRAW);
	for (size_t i = 0; i < delta_aspas(delta); i++) {
		const struct delta_aspa *a = delta_aspa(delta, i);

		octets_printf(&out, " %u%u",
		    a->before.count == 0 ? 0 : a->before.providers[0],
		    a->after.count == 0 ? 0 : a->after.providers[0]);
	}
	octets_u8(&out, 0);
	return (char *)out.at;
}

static void
expect(const struct delta *delta, const char *text)
{
	char *got = delta_text(delta);

	assert_string_equal(got, text);
	assert_int_equal(delta_empty(delta), strcmp(text, "+-") == 0);
	free(got);
	delta_put(delta);
}

static const struct {
	const char *from, *middle, *to;
	const char *first, *both;
} cases[] = {
	{ "", "abA1", "abA1", "+abA- 01", "+abA- 01" },
	{ "abc", "bcd", "abc", "+d-a", "+-" },
	{ "abc", "", "abc", "+-abc", "+-" },
	{ "aXY1", "aYZ2", "aXY1", "+Z-X 12", "+-" },
	{ "1", "2", "3", "+- 12", "+- 13" },
	{ "1", "", "2", "+- 10", "+- 12" },
	{ "1", "", "1", "+- 10", "+-" },
	{ "", "1", "", "+- 01", "+-" },
	{ "1", "2", "", "+- 12", "+- 10" },
	{ "ace", "bdf", "abcdef", "+bdf-ace", "+bdf-" },
	{ "abcdef", "ace", "f", "+-bdf", "+-abcde" },
};

static void
says_what_changed_and_merges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct snapshot *from = set_of(cases[i].from);
		const struct snapshot *middle = set_of(cases[i].middle);
		const struct snapshot *to = set_of(cases[i].to);
		const struct delta *one = delta_new(from, middle);
		const struct delta *two = delta_new(middle, to);

		snapshot_put(middle);
		expect(delta_new(from, to), cases[i].both);
		snapshot_put(from);
		snapshot_put(to);
		expect(delta_merge(one, two), cases[i].both);
		expect(delta_get(one), cases[i].first);
		delta_put(one);
		delta_put(two);
	}
}

static void
counts_aspas_by_action(void **state)
{
	const struct snapshot *one = set_of("1");
	const struct delta *delta = delta_new(NULL, one);

	(void)state;
	assert_int_equal(delta_count(delta, ITEM_ASPA, DELTA_ANNOUNCE), 1);
	assert_int_equal(delta_count(delta, ITEM_ASPA, DELTA_WITHDRAW), 0);
	delta_put(delta);
	delta = delta_new(one, NULL);
	assert_int_equal(delta_count(delta, ITEM_ASPA, DELTA_ANNOUNCE), 0);
	assert_int_equal(delta_count(delta, ITEM_ASPA, DELTA_WITHDRAW), 1);
	assert_int_equal(delta_aspa(delta, 0)->after.customer, 1);
	delta_put(delta);
	snapshot_put(one);
	delta_put(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_changed_and_merges),
		cmocka_unit_test(counts_aspas_by_action),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
