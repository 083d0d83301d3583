/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 6493 section 5, from fixtures/gbr. */
#include "object/gbr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

static const struct {
	const char *resources;
	enum resource_choice
	    choice; /* of addresses and ASes; ABSENT: as said */
	const char *label;
} cover_cases[] = {
	{ "", RESOURCE_INHERIT, "ok" },
	{ "", 0, "gbr-ee" },
	{ "AS1", 0, "gbr-ee" },
};

static void
test_covered(void **state)
{
	struct arena *arena = arena_new();
	struct gbr gbr;

	(void)state;
	assert_int_equal(gbr_decode(&gbr,
			     fixture_read(arena, "gbr/good/plain.gbr"), arena),
	    FAULT_NONE);
	for (size_t i = 0; i < sizeof(cover_cases) / sizeof(cover_cases[0]);
	     i++) {
		struct cert ee = { 0 };

		print_message("%s\n", cover_cases[i].resources);
		assert_true(resources_text_read(&ee.resources,
		    bytes_of(cover_cases[i].resources,
			strlen(cover_cases[i].resources)),
		    arena));
		if (cover_cases[i].choice != RESOURCE_ABSENT) {
			ee.resources.v4.choice = cover_cases[i].choice;
			ee.resources.as.choice = cover_cases[i].choice;
		}
		assert_string_equal(cover_cases[i].label,
		    fault_label(gbr_covered(&gbr, &ee)));
	}
	arena_free(arena);
}

static void
test_oddity(void **state)
{
	struct arena *arena = arena_new();
	struct gbr gbr;

	(void)state;
	assert_int_equal(gbr_decode(&gbr,
			     fixture_read(arena, "gbr/good/other-property.gbr"),
			     arena),
	    FAULT_NONE);
	assert_int_equal(gbr.odd.count, 1);
	assert_string_equal("gbr-property", fault_label(gbr.odd.list[0]));
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
