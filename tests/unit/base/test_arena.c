/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of an arena: zeroed, apart, aligned, and there until the end. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_pieces_are_zero_and_apart(void **state)
{
	struct arena *arena = arena_new();
	struct {
		uint8_t *at;
		size_t len;
	} pieces[2000];

	(void)state;
	srandom(1);
	for (size_t i = 0; i < 2000; i++) {
		size_t len = (size_t)random() % (i % 100 == 0 ? 40000 : 300);
		uint8_t *at = arena_zero(arena, len, 1);

		assert_int_equal((uintptr_t)at % alignof(max_align_t), 0);
		for (size_t j = 0; j < len; j++) {
			assert_int_equal(at[j], 0);
		}
		memset(at, (int)(i & 0xff), len);
		pieces[i].at = at;
		pieces[i].len = len;
	}
	for (size_t i = 0; i < 2000; i++) {
		for (size_t j = 0; j < pieces[i].len; j++) {
			assert_int_equal(pieces[i].at[j], i & 0xff);
		}
	}
	arena_free(arena);
	arena_free(NULL);
}

static void
test_reset_gives_zero_again(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	arena_reset(arena);
	for (int round = 0; round < 5; round++) {
		for (size_t i = 1; i < 3000; i += 7) {
			uint8_t *at = arena_zero(arena, i, 1);

			assert_int_equal(at[0] | at[i - 1] | at[i / 2], 0);
			memset(at, 0xff, i);
		}
		arena_reset(arena);
	}
	arena_free(arena);
}

static void
test_copies(void **state)
{
	struct arena *arena = arena_new();
	char text[] = "text";
	struct bytes copy = arena_copy(arena, bytes_of(text, 4));
	char *again = arena_text(arena, text);

	(void)state;
	memset(text, 'x', 4);
	assert_true(bytes_equal(copy, bytes_of("text", 4)));
	assert_string_equal(again, "text");
	assert_null(arena_text(arena, NULL));
	copy = arena_copy(arena, bytes_of(NULL, 0));
	assert_int_equal(copy.len, 0);
	assert_non_null(copy.at);
	arena_free(arena);
}

static void
test_printf(void **state)
{
	struct arena *arena = arena_new();
	char *text = arena_printf(arena, "%s-%d", "a", 7);
	char *wide = arena_printf(arena, "%050000d", 7);

	(void)state;
	assert_string_equal(text, "a-7");
	assert_int_equal(strlen(wide), 50000);
	assert_int_equal(wide[49999], '7');
	assert_string_equal(arena_printf(arena, "%s", ""), "");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_zero_and_apart),
		cmocka_unit_test(test_reset_gives_zero_again),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_printf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
