/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9582 section 4 from fixtures/roa, section 5 from a table. */
#include "object/roa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/object/fixture.h"

#include "base/limits.h"
#include "base/octets.h"

static enum fault
decode(struct bytes octets, struct arena *arena)
{
	struct roa roa;

	return roa_decode(&roa, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("roa", decode);
}

static void
test_values(void **state)
{
	struct arena *arena = arena_new();
	char text[IP_TEXT];
	struct roa roa;

	(void)state;
	assert_int_equal(roa_decode(&roa,
			     fixture_read(arena, "roa/good/v6-first.roa"),
			     arena),
	    FAULT_NONE);
	assert_int_equal(roa.asn, 64496);
	assert_int_equal(roa.count, 2);
	ip_prefix_text(&roa.prefixes[0].prefix, text);
	assert_string_equal(text, "2001:db8::/32");
	assert_int_equal(roa.prefixes[0].max_length, 32);
	ip_prefix_text(&roa.prefixes[1].prefix, text);
	assert_string_equal(text, "10.0.0.0/8");
	assert_int_equal(roa.prefixes[1].max_length, 8);
	arena_free(arena);
}

static void
add_sequence(struct octets *o, size_t len)
{
	octets_u8(o, 0x30);
	octets_u32(o, 0x83000000 | (uint32_t)len);
}

/* A ROA of AS 0 for `n` prefixes of 24 bits. */
static struct octets
make(size_t n)
{
	struct octets o = { 0 };

	add_sequence(&o, 3 + 5 + 5 + 4 + 5 + n * 8);
	octets_add(&o, "\x02\x01\x00", 3);
	add_sequence(&o, 5 + 4 + 5 + n * 8);
	add_sequence(&o, 4 + 5 + n * 8);
	octets_add(&o, "\x04\x02\x00\x01", 4);
	add_sequence(&o, n * 8);
	for (size_t i = 0; i < n; i++) {
		octets_u32(&o, 0x30060304);
		octets_u32(&o, (uint32_t)i);
	}
	return o;
}

static void
test_ceiling(void **state)
{
	struct arena *arena = arena_new();
	struct octets most = make(LIMIT_BLOCKS);
	struct octets more = make(LIMIT_BLOCKS + 1);
	struct roa roa;

	(void)state;
	assert_string_equal("ok",
	    fault_label(roa_decode(&roa, octets_bytes(&most), arena)));
	assert_int_equal(roa.count, LIMIT_BLOCKS);
	assert_string_equal("roa-limit",
	    fault_label(roa_decode(&roa, octets_bytes(&more), arena)));
	octets_clear(&most);
	octets_clear(&more);
	arena_free(arena);
}

static const struct {
	const char *what, *resources;
	enum resource_choice v4, as; /* ABSENT: as the text says */
	const char *label;
} cover_cases[] = {
	{ "both within", "10.0.0.0/8, 2001:db8::/32", 0, 0, "ok" },
	{ "in two touching halves",
	    "10.0.0.0-10.99.255.255, 10.100.0.0/14, "
	    "10.104.0.0-10.255.255.255, 2001:d00::/24",
	    0, 0, "ok" },
	{ "one address short", "10.0.0.0-10.255.255.254, 2001:db8::/32", 0, 0,
	    "roa-uncovered" },
	{ "only the other family", "2001:db8::/32", 0, 0, "roa-uncovered" },
	{ "nothing", "", 0, 0, "roa-ee-ip" },
	{ "inherit", "2001:db8::/32", RESOURCE_INHERIT, 0, "roa-ee-ip" },
	{ "AS numbers too", "10.0.0.0/8, 2001:db8::/32, AS64496", 0, 0,
	    "roa-ee-as" },
	{ "AS inherit", "10.0.0.0/8, 2001:db8::/32", 0, RESOURCE_INHERIT,
	    "roa-ee-as" },
};

static void
test_covered(void **state)
{
	struct arena *arena = arena_new();
	struct roa roa;

	(void)state;
	assert_int_equal(roa_decode(&roa,
			     fixture_read(arena, "roa/good/v6-first.roa"),
			     arena),
	    FAULT_NONE);
	for (size_t i = 0; i < sizeof(cover_cases) / sizeof(cover_cases[0]);
	     i++) {
		struct cert ee = { 0 };

		print_message("%s\n", cover_cases[i].what);
		assert_true(resources_text_read(&ee.resources,
		    bytes_of(cover_cases[i].resources,
			strlen(cover_cases[i].resources)),
		    arena));
		if (cover_cases[i].v4 != RESOURCE_ABSENT) {
			ee.resources.v4.choice = cover_cases[i].v4;
		}
		if (cover_cases[i].as != RESOURCE_ABSENT) {
			ee.resources.as.choice = cover_cases[i].as;
		}
		assert_string_equal(cover_cases[i].label,
		    fault_label(roa_covered(&roa, &ee)));
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
