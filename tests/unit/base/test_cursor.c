/* SPDX-License-Identifier: BSD-2-Clause */
/* A cursor reads what octets.h wrote, and nothing beyond the end. */
#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/octets.h"

static void
test_round_trip(void **state)
{
	struct arena *arena = arena_new();
	struct octets o = { 0 };
	struct cursor c;

	(void)state;
	octets_u8(&o, 200);
	octets_u16(&o, 60000);
	octets_u32(&o, 4000000000);
	octets_u64(&o, UINT64_MAX - 1);
	octets_run(&o, bytes_of("run", 3));
	octets_text(&o, "text");
	octets_text(&o, "");
	octets_text(&o, NULL);
	octets_u32(&o, 2);
	octets_u32(&o, 0);
	c = cursor_open(octets_bytes(&o));
	assert_int_equal(cursor_u8(&c), 200);
	assert_int_equal(cursor_u16(&c), 60000);
	assert_int_equal(cursor_u32(&c), 4000000000);
	assert_int_equal(cursor_u64(&c), UINT64_MAX - 1);
	assert_true(bytes_equal(cursor_run(&c), bytes_of("run", 3)));
	assert_string_equal(cursor_text(&c, arena), "text");
	assert_string_equal(cursor_text(&c, arena), "");
	assert_null(cursor_text(&c, arena));
	assert_false(c.bad);
	assert_false(cursor_end(&c));
	assert_int_equal(cursor_count(&c, 2), 2);
	assert_int_equal(cursor_take(&c, 4).len, 4);
	assert_true(cursor_end(&c));
	octets_clear(&o);
	arena_free(arena);
}

static void
test_bad_sticks(void **state)
{
	struct arena *arena = arena_new();
	struct cursor c = cursor_open(bytes_of("\1\2\3", 3));

	(void)state;
	assert_int_equal(cursor_u32(&c), 0);
	assert_true(c.bad);
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(cursor_u64(&c), 0);
	assert_int_equal(cursor_take(&c, 0).len, 0);
	assert_int_equal(cursor_run(&c).len, 0);
	assert_int_equal(cursor_count(&c, 1), 0);
	assert_null(cursor_text(&c, arena));
	assert_false(cursor_end(&c));
	arena_free(arena);
}

static void
test_run_too_long(void **state)
{
	static const struct bytes inputs[] = {
		{ (const uint8_t *)"\0\0\0\4abc", 7 },
		{ (const uint8_t *)"\xff\xff\xff\xff"
				   "abc",
		    7 },
		{ (const uint8_t *)"\xff\xff\xff\xfe", 4 },
		{ (const uint8_t *)"\0\0\0", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		struct cursor c = cursor_open(inputs[i]);

		assert_int_equal(cursor_run(&c).len, 0);
		assert_true(c.bad);
	}
}

static void
test_count_beyond_the_rest(void **state)
{
	struct cursor c = cursor_open(bytes_of("\0\0\0\2abcdefg", 11));

	(void)state;
	assert_int_equal(cursor_count(&c, 4), 0);
	assert_true(c.bad);
	c = cursor_open(bytes_of("\xff\xff\xff\xff", 4));
	assert_int_equal(cursor_count(&c, SIZE_MAX), 0);
	assert_true(c.bad);
}

static void
test_nul_in_text(void **state)
{
	struct arena *arena = arena_new();
	struct cursor c = cursor_open(bytes_of("\0\0\0\3a\0b", 7));

	(void)state;
	assert_null(cursor_text(&c, arena));
	assert_true(c.bad);
	arena_free(arena);
}

static void
test_nothing(void **state)
{
	struct cursor c = cursor_open(bytes_of(NULL, 0));

	(void)state;
	assert_true(cursor_end(&c));
	assert_int_equal(cursor_take(&c, 0).len, 0);
	assert_true(cursor_end(&c));
	cursor_fail(&c);
	assert_false(cursor_end(&c));
}

static void
what_must_be_there(void **state)
{
	static const uint8_t octets[] = { 3, 4, 0, 0, 0, 2, 'h', 'i', 0xff,
		0xff, 0xff, 0xff };
	struct arena *arena = arena_new();
	struct cursor c = cursor_open(bytes_of(octets, sizeof(octets)));

	(void)state;
	assert_int_equal(cursor_below(&c, 4), 3);
	assert_false(c.bad);
	assert_int_equal(cursor_below(&c, 4), 0);
	assert_true(c.bad);
	c = cursor_open(bytes_of(octets + 2, sizeof(octets) - 2));
	assert_string_equal(cursor_string(&c, arena), "hi");
	assert_false(c.bad);
	assert_string_equal(cursor_string(&c, arena), "");
	assert_true(c.bad);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_must_be_there),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_bad_sticks),
		cmocka_unit_test(test_run_too_long),
		cmocka_unit_test(test_count_beyond_the_rest),
		cmocka_unit_test(test_nul_in_text),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
