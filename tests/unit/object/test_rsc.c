/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9323 section 4, from fixtures/rsc. */
#include "object/rsc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/octets.h"
#include "tests/unit/object/fixture.h"

static enum fault
decode(struct bytes octets, struct arena *arena)
{
	struct rsc rsc;

	return rsc_decode(&rsc, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("rsc", decode);
}

static const struct fixture_cover cover_cases[] = {
	{ "AS64496, 10.0.0.0/8, 2001:db8::/32", 0, "ok" },
	{ "AS1-AS65535, 10.0.0.0/7, 2001:db8::/31", 0, "ok" },
	{ "10.0.0.0/8, 2001:db8::/32", 0, "rsc-uncovered" },
	{ "AS64496, 10.0.0.0/9, 2001:db8::/32", 0, "rsc-uncovered" },
	{ "AS64496, 10.0.0.0/8", 0, "rsc-uncovered" },
	{ "", 0, "rsc-ee" },
	{ "2001:db8::/32", RESOURCE_INHERIT, "rsc-ee" },
};

static enum fault
covered(const void *object, const struct cert *ee)
{
	return rsc_covered(object, ee);
}

static void
test_covered(void **state)
{
	struct arena *arena = arena_new();
	struct rsc rsc;

	(void)state;
	assert_int_equal(rsc_decode(&rsc,
			     fixture_read(arena, "rsc/good/one-file.sig"),
			     arena),
	    FAULT_NONE);
	fixture_cover(cover_cases, sizeof(cover_cases) / sizeof(cover_cases[0]),
	    covered, &rsc);
	arena_free(arena);
}

/* A checklist of AS 1 with `n` nameless entries. */
static struct octets
make(size_t n)
{
	static const char head[] = "\x30\x0b\xa0\x09\x30\x07\xa0\x05\x30\x03"
				   "\x02\x01\x01\x30\x0b\x06\x09\x60\x86\x48"
				   "\x01\x65\x03\x04\x02\x01";
	enum { HEAD = sizeof(head) - 1, ENTRY = 36 };
	struct octets o = { 0 };

	octets_u8(&o, 0x30);
	octets_u32(&o, 0x83000000 | (uint32_t)(HEAD + 5 + n * ENTRY));
	octets_add(&o, head, HEAD);
	octets_u8(&o, 0x30);
	octets_u32(&o, 0x83000000 | (uint32_t)(n * ENTRY));
	for (size_t i = 0; i < n; i++) {
		uint8_t entry[ENTRY] = { 0x30, 0x22, 0x04, 0x20,
			(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };

		octets_add(&o, entry, ENTRY);
	}
	return o;
}

static void
test_ceiling(void **state)
{
	struct arena *arena = arena_new();
	struct octets most = make(LIMIT_RSC_ENTRIES);
	struct octets more = make(LIMIT_RSC_ENTRIES + 1);
	struct rsc rsc;

	(void)state;
	assert_string_equal("ok",
	    fault_label(rsc_decode(&rsc, octets_bytes(&most), arena)));
	assert_int_equal(rsc.count, LIMIT_RSC_ENTRIES);
	assert_string_equal("rsc-limit",
	    fault_label(rsc_decode(&rsc, octets_bytes(&more), arena)));
	octets_clear(&most);
	octets_clear(&more);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_covered),
		cmocka_unit_test(test_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
