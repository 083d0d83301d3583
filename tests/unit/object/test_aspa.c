/* SPDX-License-Identifier: BSD-2-Clause */
/* The ASPA profile, section 3 from fixtures/aspa, section 4 from a table. */
#include "object/aspa.h"

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
	struct aspa_object aspa;

	return aspa_decode(&aspa, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("aspa", decode);
}

static const struct {
	const char *resources;
	enum resource_choice as;
	const char *label;
} cover_cases[] = {
	{ "AS64496", 0, "ok" },
	{ "AS64497", 0, "aspa-ee-as" },
	{ "AS64495-AS64496", 0, "aspa-ee-as" },
	{ "AS64496-AS64497", 0, "aspa-ee-as" },
	{ "AS64496, AS64499", 0, "aspa-ee-as" },
	{ "", 0, "aspa-ee-as" },
	{ "", RESOURCE_INHERIT, "aspa-ee-as" },
	{ "AS64496, 10.0.0.0/8", 0, "aspa-ee-ip" },
	{ "AS64496, 2001:db8::/32", 0, "aspa-ee-ip" },
};

static void
test_covered(void **state)
{
	struct arena *arena = arena_new();
	struct aspa_object aspa;

	(void)state;
	assert_int_equal(aspa_decode(&aspa,
			     fixture_read(arena, "aspa/good/two-providers.asa"),
			     arena),
	    FAULT_NONE);
	assert_int_equal(aspa.customer, 64496);
	assert_int_equal(aspa.count, 2);
	assert_int_equal(aspa.providers[1], 64498);
	for (size_t i = 0; i < sizeof(cover_cases) / sizeof(cover_cases[0]);
	     i++) {
		struct cert ee = { 0 };

		assert_true(resources_text_read(&ee.resources,
		    bytes_of(cover_cases[i].resources,
			strlen(cover_cases[i].resources)),
		    arena));
		if (cover_cases[i].as != RESOURCE_ABSENT) {
			ee.resources.as.choice = cover_cases[i].as;
		}
		print_message("%s\n", cover_cases[i].resources);
		assert_string_equal(cover_cases[i].label,
		    fault_label(aspa_covered(&aspa, &ee)));
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
