/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of addresses and AS numbers: reading, holding, inheriting, edges. */
#include "object/resources.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/text.h"
#include "tests/unit/object/fixture.h"

static enum fault
decode_ip(struct bytes octets, struct arena *arena)
{
	struct resources r = { 0 };
	struct oddities odd = { 0 };

	return resources_read_ip(&r, octets, &odd, arena);
}

static enum fault
decode_as(struct bytes octets, struct arena *arena)
{
	struct resources r = { 0 };
	struct oddities odd = { 0 };

	return resources_read_as(&r, octets, &odd, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("resources/ip", decode_ip);
	fixture_walk("resources/as", decode_as);
}

static struct resources
of(struct arena *arena, const char *text)
{
	struct resources r;

	print_message("# %s\n", text);
	assert_true(resources_text_read(&r, text_bytes(text), arena));
	return r;
}

/* What is read from text, and how it is written. */
static const struct {
	const char *in;
	const char *out; /* NULL: refused */
} texts[] = {
	{ "", "" },
	{ "10.0.0.0/8", "10.0.0.0/8" },
	{ "0.0.0.0/0 ::/0 AS0-AS4294967295",
	    "0.0.0.0/0, ::/0, AS0-AS4294967295" },
	{ "10.0.0.0-10.0.0.9", "10.0.0.0-10.0.0.9" },
	{ "10.0.0.0-10.0.0.255", "10.0.0.0/24" },
	{ "10.0.0.1", "10.0.0.1/32" },
	{ "10.0.1.0/24,10.0.0.0/24", "10.0.0.0/23" },
	{ "10.0.0.0/8, 10.1.0.0/16", "10.0.0.0/8" },
	{ "10.0.0.0/24 10.0.2.0/24", "10.0.0.0/24, 10.0.2.0/24" },
	{ "255.255.255.255 255.255.255.254", "255.255.255.254/31" },
	{ "2001:db8::/32", "2001:db8::/32" },
	{ "2001:db8::-2001:db8::1:0", "2001:db8::-2001:db8::1:0" },
	{ "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0" },
	{ "::ffff:ffff:ffff:ffff 0:0:0:1::",
	    "::ffff:ffff:ffff:ffff-0:0:0:1::" },
	{ "AS1,AS3,AS2", "AS1-AS3" },
	{ "AS4294967295 AS4294967294", "AS4294967294-AS4294967295" },
	{ "AS5-AS9 AS7", "AS5-AS9" },
	{ "AS9-AS5", NULL },
	{ "AS1-", NULL },
	{ "10.0.0.0-", NULL },
	{ "10.0.0.9-10.0.0.1", NULL },
	{ "10.0.0.0/8-10.0.0.1", NULL },
	{ "10.0.0.0-2001:db8::", NULL },
	{ "10.0.0.1/8", NULL },
	{ "beer", NULL },
	{ "AS4294967296", NULL },
};

static void
test_text(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct octets out = { 0 };
		struct resources r;
		bool good =
		    resources_text_read(&r, text_bytes(texts[i].in), arena);

		print_message("# %s\n", texts[i].in);
		assert_int_equal(good, texts[i].out != NULL);
		if (good) {
			resources_text(&out, &r);
			octets_u8(&out, 0);
			assert_string_equal((char *)out.at, texts[i].out);
		}
		octets_clear(&out);
	}
	arena_free(arena);
}

static const struct {
	const char *inner, *outer;
	bool within;
} within_cases[] = {
	{ "", "", true },
	{ "", "10.0.0.0/8", true },
	{ "10.0.0.0/8", "", false },
	{ "10.0.0.0/8", "10.0.0.0/8", true },
	{ "10.0.0.0/8", "10.0.0.0/9", false },
	{ "10.0.0.0/8", "10.0.0.0/9 10.128.0.0/9", true },
	{ "10.0.0.255", "10.0.0.0-10.0.0.255", true },
	{ "10.0.1.0", "10.0.0.0-10.0.0.255", false },
	{ "9.255.255.255", "10.0.0.0/8", false },
	{ "10.0.0.0-10.0.2.0", "10.0.0.0/24 10.0.2.0/24", false },
	{ "10.0.0.0/24 10.0.2.0/24", "10.0.0.0/24 10.0.2.0/24", true },
	{ "0.0.0.0/0", "0.0.0.0-255.255.255.255", true },
	{ "0.0.0.0/0", "0.0.0.0-255.255.255.254", false },
	{ "::/0", "::/1 8000::/1", true },
	{ "2001:db8::/32", "10.0.0.0/8", false },
	{ "::10.0.0.0/104", "10.0.0.0/8", false },
	{ "AS1 AS5", "AS0-AS5", true },
	{ "AS1-AS6", "AS0-AS5", false },
	{ "AS4294967295", "AS4294967294", false },
	{ "AS0", "AS1-AS5", false },
};

static void
test_within(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(within_cases) / sizeof(within_cases[0]);
	     i++) {
		struct resources inner = of(arena, within_cases[i].inner);
		struct resources outer = of(arena, within_cases[i].outer);
		struct resources out;

		assert_int_equal(resources_within(&inner, &outer),
		    within_cases[i].within);
		assert_string_equal(fault_label(resources_effective(&out,
					&inner, &outer)),
		    within_cases[i].within ? "ok" : "resources-overclaim");
	}
	arena_free(arena);
}

enum { PLACES = 7 };

/* The set of an address and an AS for each bit, the last ones there are. */
static struct resources
of_bits(struct arena *arena, unsigned set)
{
	struct octets text = { 0 };
	struct resources r;

	for (unsigned i = 0; i < PLACES; i++) {
		if ((set & 1u << i) != 0) {
			octets_printf(&text,
			    "255.255.255.%u AS%u "
			    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff%x ",
			    256 - PLACES + i, UINT32_MAX - PLACES + 1 + i,
			    16 - PLACES + i);
		}
	}
	assert_true(resources_text_read(&r, octets_bytes(&text), arena));
	octets_clear(&text);
	return r;
}

/* All sets of a few neighbours against each other, each way of adding up. */
static void
test_within_like_sets(void **state)
{
	struct arena *arena = arena_new();
	struct resources sets[1u << PLACES], out;

	(void)state;
	for (unsigned a = 0; a < 1u << PLACES; a++) {
		sets[a] = of_bits(arena, a);
	}
	for (unsigned a = 0; a < 1u << PLACES; a++) {
		for (unsigned b = 0; b < 1u << PLACES; b++) {
			bool within = (a & ~b) == 0;

			assert_int_equal(resources_within(&sets[a], &sets[b]),
			    within);
			assert_int_equal(resources_effective(&out, &sets[a],
					     &sets[b]),
			    within ? FAULT_NONE : FAULT_RESOURCES_OVERCLAIM);
		}
	}
	arena_free(arena);
}

static void
test_inherit(void **state)
{
	struct arena *arena = arena_new();
	struct resources issuer = of(arena, "10.0.0.0/8 AS1-AS5");
	struct resources own = { 0 }, out, again;

	(void)state;
	own.v4.choice = RESOURCE_INHERIT;
	assert_true(resources_any_inherit(&own));
	assert_false(resources_within(&own, &issuer));
	assert_int_equal(resources_effective(&out, &own, &issuer), FAULT_NONE);
	assert_false(resources_any_inherit(&out));
	assert_ptr_equal(out.v4.ranges, issuer.v4.ranges);
	assert_int_equal(out.as.choice, RESOURCE_ABSENT);
	/* What a child inherits it can pass on; what it left out it cannot. */
	assert_int_equal(resources_effective(&again, &own, &out), FAULT_NONE);
	own.as.choice = RESOURCE_INHERIT;
	assert_int_equal(resources_effective(&again, &own, &out), FAULT_NONE);
	assert_int_equal(again.as.choice, RESOURCE_ABSENT);
	own = (struct resources){ .v6.choice = RESOURCE_INHERIT };
	assert_int_equal(resources_effective(&again, &own, &issuer),
	    FAULT_NONE);
	assert_true(resources_empty(&again));
	assert_false(resources_empty(&own));
	own = (struct resources){ 0 };
	assert_true(resources_empty(&own));
	arena_free(arena);
}

static bool
prefix_of(struct ip_prefix *prefix, const char *text)
{
	return ip_prefix_parse(prefix, text_bytes(text), IP_PREFIX_ONLY);
}

static void
test_holds_and_touches(void **state)
{
	static const struct {
		const char *prefix;
		bool holds, touches;
	} cases[] = {
		{ "10.0.0.0/8", true, true },
		{ "10.255.255.255/32", true, true },
		{ "11.0.0.0/32", false, false },
		{ "9.255.255.255/32", false, false },
		{ "8.0.0.0/5", false, true },
		{ "0.0.0.0/0", false, true },
		{ "192.0.2.8/29", true, true },
		{ "192.0.2.8/28", false, false },
		{ "192.0.2.0/28", false, true },
		{ "::/0", false, true },
		{ "2001:db8::/32", true, true },
		{ "2001:db8::/31", false, true },
		{ "2001:db9::/32", false, false },
		{ "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128", true, true },
	};
	struct arena *arena = arena_new();
	struct resources r = of(arena,
	    "10.0.0.0/8 192.0.2.6-192.0.2.15 2001:db8::/32 AS5 AS7-AS9");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_prefix prefix;

		print_message("# %s\n", cases[i].prefix);
		if (!prefix_of(&prefix, cases[i].prefix)) {
			assert_false(cases[i].holds);
			continue;
		}
		assert_int_equal(resources_holds_prefix(&r, &prefix),
		    cases[i].holds);
		assert_int_equal(resources_touches_prefix(&r, &prefix),
		    cases[i].touches);
	}
	assert_false(resources_holds_asn(&r, 4));
	assert_true(resources_holds_asn(&r, 5));
	assert_false(resources_holds_asn(&r, 6));
	assert_true(resources_holds_asn(&r, 9));
	assert_false(resources_holds_asn(&r, UINT32_MAX));
	arena_free(arena);
}

static void
test_octets_and_back(void **state)
{
	struct arena *arena = arena_new();
	struct resources r = of(arena,
			     "0.0.0.0/1 200.0.0.1 ::/0 AS0 AS4294967295"),
			 back;
	struct octets first = { 0 }, second = { 0 };

	(void)state;
	resources_encode(&first, &r);
	assert_true(resources_decode(&back, octets_bytes(&first), arena));
	assert_true(resources_within(&r, &back));
	assert_true(resources_within(&back, &r));
	resources_encode(&second, &back);
	assert_true(bytes_equal(octets_bytes(&first), octets_bytes(&second)));
	for (size_t cut = 0; cut < first.len; cut++) {
		assert_false(
		    resources_decode(&back, bytes_of(first.at, cut), arena));
	}
	octets_u8(&first, 0);
	assert_false(resources_decode(&back, octets_bytes(&first), arena));
	octets_clear(&first);
	octets_clear(&second);
	arena_free(arena);
}

/* Range ends that are written out are let pass and told; one that has no one
 * left is as it should be (RFC 3779, erratum 2537). */
static void
test_oddities(void **state)
{
	static const struct {
		const char *file;
		unsigned count;
	} rows[] = {
		{ "resources/ip/good/range", 1 },
		{ "resources/ip/good/range-min-spelt-out", 1 },
		{ "resources/ip/good/all-but-first", 0 },
		{ "resources/ip/good/all-but-first-with-a-one", 1 },
		{ "resources/ip/good/half-without-a-one", 0 },
		{ "resources/ip/good/half-with-a-one", 1 },
		{ "resources/ip/good/half-with-two-ones", 1 },
		{ "resources/ip/good/middle-of-a-prefix", 0 },
		{ "resources/ip/good/all-but-last-of-v6", 0 },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct resources r = { 0 };
		struct oddities odd = { 0 };

		print_message("%s\n", rows[i].file);
		assert_int_equal(resources_read_ip(&r,
				     fixture_read(arena, rows[i].file), &odd,
				     arena),
		    FAULT_NONE);
		assert_int_equal(odd.count, rows[i].count);
		if (odd.count > 0) {
			assert_string_equal("resources-range-bits",
			    fault_label((enum fault)odd.list[0]));
		}
	}
	arena_free(arena);
}

/* Put the tag and the length of a long value before what is there. */
static void
wrap(struct octets *o, uint8_t tag)
{
	struct octets all = { 0 };

	octets_u8(&all, tag);
	octets_u8(&all, 0x83);
	octets_u8(&all, (uint8_t)(o->len >> 16));
	octets_u16(&all, (uint16_t)o->len);
	octets_add_bytes(&all, octets_bytes(o));
	octets_clear(o);
	*o = all;
}

/* As many lone addresses, none beside another. */
static struct octets
many_addresses(uint32_t count)
{
	struct octets list = { 0 }, family = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		octets_add(&list, "\x03\x05\x00", 3);
		octets_u32(&list, 0x0a000001 + 2 * i);
	}
	wrap(&list, 0x30);
	octets_add(&family, "\x04\x02\x00\x01", 4);
	octets_add_bytes(&family, octets_bytes(&list));
	octets_clear(&list);
	wrap(&family, 0x30);
	wrap(&family, 0x30);
	return family;
}

static struct octets
many_numbers(uint32_t count)
{
	struct octets list = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		octets_add(&list, "\x02\x03", 2);
		octets_u8(&list, (uint8_t)((0x10000 + 2 * i) >> 16));
		octets_u16(&list, (uint16_t)(2 * i));
	}
	wrap(&list, 0x30);
	wrap(&list, 0xa0);
	wrap(&list, 0x30);
	return list;
}

static void
test_how_many(void **state)
{
	static const struct {
		uint32_t count;
		const char *label;
	} cases[] = {
		{ LIMIT_BLOCKS, "ok" },
		{ LIMIT_BLOCKS + 1, "resources-limit" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct octets ip = many_addresses(cases[i].count);
		struct octets as = many_numbers(cases[i].count);
		struct arena *arena = arena_new();
		struct resources r = { 0 };
		struct oddities odd = { 0 };

		assert_string_equal(cases[i].label,
		    fault_label(
			resources_read_ip(&r, octets_bytes(&ip), &odd, arena)));
		assert_string_equal(cases[i].label,
		    fault_label(
			resources_read_as(&r, octets_bytes(&as), &odd, arena)));
		assert_int_equal(odd.count, 0);
		octets_clear(&ip);
		octets_clear(&as);
		arena_free(arena);
	}
}

/* The example of RFC 3779 appendix B. */
static void
test_appendix(void **state)
{
	struct arena *arena = arena_new();
	struct resources r = { 0 };
	struct oddities odd = { 0 };
	struct octets out = { 0 };

	(void)state;
	assert_int_equal(resources_read_ip(&r,
			     fixture_read(arena,
				 "resources/ip/good/rfc3779-appendix"),
			     &odd, arena),
	    FAULT_NONE);
	resources_text(&out, &r);
	octets_u8(&out, 0);
	assert_string_equal((char *)out.at,
	    "10.0.32.0/20, 10.0.64.0/24, 10.1.0.0/16, "
	    "10.2.48.0-10.2.64.255, 10.3.0.0/16");
	octets_clear(&out);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_within_like_sets),
		cmocka_unit_test(test_inherit),
		cmocka_unit_test(test_holds_and_touches),
		cmocka_unit_test(test_octets_and_back),
		cmocka_unit_test(test_oddities),
		cmocka_unit_test(test_how_many),
		cmocka_unit_test(test_appendix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
