/* SPDX-License-Identifier: BSD-2-Clause */
/* The prefix list draft, section 3 from fixtures/spl, section 4 here. */
#include "object/spl.h"

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
	struct spl spl;

	return spl_decode(&spl, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("spl", decode);
}

static const struct fixture_cover cover_cases[] = {
	{ "AS64496", 0, "ok" },
	{ "AS1-AS65535", 0, "ok" },
	{ "AS64497", 0, "spl-ee-as" },
	{ "", 0, "spl-ee-as" },
	{ "AS64496, 10.0.0.0/8", 0, "spl-ee-ip" },
	{ "AS64496, 2001:db8::/32", 0, "spl-ee-ip" },
	{ "AS64496", RESOURCE_INHERIT, "spl-ee-ip" },
};

static enum fault
covered(const void *object, const struct cert *ee)
{
	return spl_covered(object, ee);
}

static void
test_covered(void **state)
{
	struct arena *arena = arena_new();
	struct spl spl;

	(void)state;
	assert_int_equal(spl_decode(&spl,
			     fixture_read(arena, "spl/good/two-families.spl"),
			     arena),
	    FAULT_NONE);
	fixture_cover(cover_cases, sizeof(cover_cases) / sizeof(cover_cases[0]),
	    covered, &spl);
	arena_free(arena);
}

static void
test_inherited_as(void **state)
{
	struct spl spl = { .asn = 1 };
	struct cert ee = { .resources.as.choice = RESOURCE_INHERIT };

	(void)state;
	assert_string_equal("spl-ee-as", fault_label(spl_covered(&spl, &ee)));
}

/* A list of AS 1 with `n` prefixes of 24 bits, ascending. */
static struct octets
make(size_t n)
{
	struct octets o = { 0 };

	octets_u8(&o, 0x30);
	octets_u32(&o, 0x83000000 | (uint32_t)(3 + 5 + 5 + 4 + 5 + n * 6));
	octets_add(&o, "\x02\x01\x01", 3);
	octets_u8(&o, 0x30);
	octets_u32(&o, 0x83000000 | (uint32_t)(5 + 4 + 5 + n * 6));
	octets_u8(&o, 0x30);
	octets_u32(&o, 0x83000000 | (uint32_t)(4 + 5 + n * 6));
	octets_add(&o, "\x04\x02\x00\x01", 4);
	octets_u8(&o, 0x30);
	octets_u32(&o, 0x83000000 | (uint32_t)(n * 6));
	for (size_t i = 0; i < n; i++) {
		octets_u16(&o, 0x0304);
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
	struct spl spl;

	(void)state;
	assert_string_equal("ok",
	    fault_label(spl_decode(&spl, octets_bytes(&most), arena)));
	assert_int_equal(spl.count, LIMIT_BLOCKS);
	assert_string_equal("spl-limit",
	    fault_label(spl_decode(&spl, octets_bytes(&more), arena)));
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
		cmocka_unit_test(test_inherited_as),
		cmocka_unit_test(test_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
