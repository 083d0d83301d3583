/* SPDX-License-Identifier: BSD-2-Clause */
/* Growth keeps what was there and zeroes what is new. */
#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_growth(void **state)
{
	size_t count = 0, room = 0;
	uint64_t *items = NULL;

	(void)state;
	for (; count < 5000; count++) {
		items = array_room(items, count, &room, sizeof(*items));
		assert_true(room > count);
		for (size_t i = count; i < room; i++) {
			assert_int_equal(items[i], 0);
		}
		items[count] = count + 1;
	}
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(items[i], i + 1);
	}
	free(items);
}

static void
test_room_left_keeps_the_place(void **state)
{
	size_t room = 0;
	int *items = array_room(NULL, 0, &room, sizeof(*items));

	(void)state;
	assert_ptr_equal(array_room(items, room - 1, &room, sizeof(*items)),
	    items);
	free(items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_room_left_keeps_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
