/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9691 section 2, from fixtures/tak. */
#include "object/tak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/object/fixture.h"

static enum fault
decode(struct bytes octets, struct arena *arena)
{
	struct tak tak;

	return tak_decode(&tak, octets, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("tak", decode);
}

static const struct fixture_cover cover_cases[] = {
	{ "", RESOURCE_INHERIT, "ok" },
	{ "", 0, "tak-ee" },
	{ "10.0.0.0/8", 0, "tak-ee" },
	{ "2001:db8::/32", RESOURCE_INHERIT, "tak-ee" },
};

static enum fault
covered(const void *object, const struct cert *ee)
{
	return tak_covered(object, ee);
}

static void
test_covered(void **state)
{
	struct arena *arena = arena_new();
	struct tak tak;

	(void)state;
	assert_int_equal(tak_decode(&tak,
			     fixture_read(arena, "tak/good/all-three.tak"),
			     arena),
	    FAULT_NONE);
	fixture_cover(cover_cases, sizeof(cover_cases) / sizeof(cover_cases[0]),
	    covered, &tak);
	arena_free(arena);
}

static void
test_values(void **state)
{
	struct arena *arena = arena_new();
	struct tak tak;

	(void)state;
	assert_int_equal(tak_decode(&tak,
			     fixture_read(arena, "tak/good/all-three.tak"),
			     arena),
	    FAULT_NONE);
	assert_int_equal(tak.current.comment_count, 1);
	assert_int_equal(tak.current.uri_count, 2);
	assert_string_equal(tak.current.uris[0],
	    "https://ta.example.net/ta.cer");
	assert_true(tak.has_predecessor);
	assert_true(tak.has_successor);
	assert_int_equal(tak.successor.comment_count, 0);
	assert_string_equal("ok",
	    fault_label(tak_matches(&tak, tak.current.spki)));
	assert_string_equal("tak-mismatch",
	    fault_label(tak_matches(&tak, tak.successor.spki)));
	assert_string_equal("tak-mismatch",
	    fault_label(tak_matches(&tak, (struct bytes){ 0 })));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_covered),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
