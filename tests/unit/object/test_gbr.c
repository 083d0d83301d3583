/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 6493 section 5, from fixtures/gbr. */
#include "object/gbr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/object/fixture.h"

static enum fault
decode(struct bytes octets, struct arena *arena)
{
	struct gbr gbr;

	return gbr_decode(&gbr, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("gbr", decode);
}

static const struct fixture_cover cover_cases[] = {
	{ "", RESOURCE_INHERIT, "ok" },
	{ "", 0, "gbr-ee" },
	{ "AS1", 0, "gbr-ee" },
};

static enum fault
covered(const void *object, const struct cert *ee)
{
	return gbr_covered(object, ee);
}

static void
test_covered(void **state)
{
	struct arena *arena = arena_new();
	struct gbr gbr;

	(void)state;
	assert_int_equal(gbr_decode(&gbr,
			     fixture_read(arena, "gbr/good/plain.gbr"), arena),
	    FAULT_NONE);
	fixture_cover(cover_cases, sizeof(cover_cases) / sizeof(cover_cases[0]),
	    covered, &gbr);
	arena_free(arena);
}

static void
test_oddity(void **state)
{
	struct arena *arena = arena_new();
	struct gbr gbr;

	(void)state;
	assert_int_equal(gbr_decode(&gbr, fixture_read(arena, "gbr/good/n.gbr"),
			     arena),
	    FAULT_NONE);
	assert_int_equal(gbr.odd.count, 1);
	assert_string_equal("gbr-name", fault_label(gbr.odd.list[0]));
	assert_false(fault_rejects(gbr.odd.list[0]));
	assert_int_equal(gbr_decode(&gbr,
			     fixture_read(arena, "gbr/good/folded.gbr"), arena),
	    FAULT_NONE);
	assert_int_equal(gbr.odd.count, 0);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_covered),
		cmocka_unit_test(test_oddity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
