/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 8630 2.2, from fixtures/tal, and where it went wrong. */
#include "validator/locator.h"

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
	struct tal tal;
	unsigned line;

	return locator_read(&tal, octets, &line, arena);
}

static void
test_fixtures(void **state)
{
	(void)state;
	fixture_walk("tal", decode);
}

static void
test_values(void **state)
{
	struct arena *arena = arena_new();
	struct tal tal;
	unsigned line;

	(void)state;
	assert_int_equal(locator_read(&tal,
			     fixture_read(arena, "tal/good/comments.tal"),
			     &line, arena),
	    FAULT_NONE);
	assert_int_equal(tal.count, 2);
	assert_string_equal(tal.uris[0], "https://ta.example.net/ta.cer");
	assert_string_equal(tal.uris[1], "rsync://ta.example.net/ta/ta.cer");
	assert_int_equal(tal.spki.len, 294);
	arena_free(arena);
}

static const struct {
	const char *file;
	unsigned line;
} line_cases[] = {
	{ "tal/bad/tal-empty.no-octet.tal", 1 },
	{ "tal/bad/tal-text.escape.tal", 1 },
	{ "tal/bad/tal-uri.word.tal", 1 },
	{ "tal/bad/tal-blank.comment-among-uris.tal", 2 },
	{ "tal/bad/tal-base64.two-keys.tal", 12 },
};

static void
test_lines(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(line_cases) / sizeof(line_cases[0]);
	     i++) {
		struct tal tal;
		unsigned line = 0;

		assert_int_not_equal(locator_read(&tal,
					 fixture_read(arena,
					     line_cases[i].file),
					 &line, arena),
		    FAULT_NONE);
		print_message("%s\n", line_cases[i].file);
		assert_int_equal(line, line_cases[i].line);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
