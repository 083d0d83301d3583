/* SPDX-License-Identifier: BSD-2-Clause */
/* What map.h promises, against a plain array that remembers the same. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

enum { KEYS = 3000, STEPS = 60000 };

static struct bytes
key_of(unsigned i, char room[32])
{
	int len = snprintf(room, 32, "%u", i);

	return bytes_of(room, (size_t)len);
}

static void
test_empty(void **state)
{
	struct map *map = map_new();
	struct bytes key;
	void *value;
	size_t at = 0;

	(void)state;
	assert_null(map_get(map, bytes_of("a", 1)));
	assert_null(map_remove(map, bytes_of("a", 1)));
	assert_false(map_next(map, &at, &key, &value));
	assert_int_equal(map_count(map), 0);
	map_free(map);
	map_free(NULL);
}

static void
test_keys_are_copied(void **state)
{
	struct map *map = map_new();
	char key[] = "key";
	int one, two;

	(void)state;
	assert_null(map_set(map, bytes_of(key, 3), &one));
	key[0] = 'x';
	assert_null(map_get(map, bytes_of(key, 3)));
	assert_ptr_equal(map_get(map, bytes_of("key", 3)), &one);
	assert_ptr_equal(map_set(map, bytes_of("key", 3), &two), &one);
	assert_int_equal(map_count(map), 1);
	assert_null(map_set(map, bytes_of(NULL, 0), &one));
	assert_ptr_equal(map_get(map, bytes_of(NULL, 0)), &one);
	assert_ptr_equal(map_get(map, bytes_of("key", 3)), &two);
	map_free(map);
}

static void
test_like_an_array(void **state)
{
	struct map *map = map_new();
	int *held[KEYS] = { NULL };
	int values[KEYS] = { 0 };
	size_t count = 0;
	char room[32];

	(void)state;
	srandom(1);
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = (unsigned)random() % KEYS;
		struct bytes key = key_of(i, room);

		if (random() % 5 < 2) {
			assert_ptr_equal(map_remove(map, key), held[i]);
			count -= held[i] != NULL;
			held[i] = NULL;
		} else {
			assert_ptr_equal(map_set(map, key, &values[i]),
			    held[i]);
			count += held[i] == NULL;
			held[i] = &values[i];
		}
		assert_int_equal(map_count(map), count);
	}
	for (unsigned i = 0; i < KEYS; i++) {
		assert_ptr_equal(map_get(map, key_of(i, room)), held[i]);
	}
	map_free(map);
}

static void
test_walk_meets_each_once(void **state)
{
	struct map *map = map_new();
	int met[100] = { 0 };
	struct bytes key;
	void *value;
	size_t at = 0;
	char room[32];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		map_set(map, key_of(i, room), &met[i]);
	}
	while (map_next(map, &at, &key, &value)) {
		int *one = value;

		assert_true(
		    bytes_equal(key, key_of((unsigned)(one - met), room)));
		(*one)++;
	}
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(met[i], 1);
	}
	map_free(map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_keys_are_copied),
		cmocka_unit_test(test_like_an_array),
		cmocka_unit_test(test_walk_meets_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
