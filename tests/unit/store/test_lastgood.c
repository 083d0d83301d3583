/* SPDX-License-Identifier: BSD-2-Clause */
/* What lastgood.h promises. */
#include "store/lastgood.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "scratch.h"

#define URI "rsync://r.example/m/m.mft"

static const struct keyid ca = { { 1, 2, 3 } };
static const struct keyid other = { { 1, 2, 4 } };

static void
test_all_fields_come_back(void **state)
{
	struct scratch *s = *state;
	struct arena *arena = arena_new();
	const struct hash files[] = { scratch_hash("a"), scratch_hash("b") };
	struct lastgood row = { .uri = URI,
		.manifest = scratch_hash("m"),
		.number = { [0] = 1, [19] = 9 },
		.this_update = 100,
		.next_update = -200,
		.files = files,
		.file_count = 2 };
	struct lastgood got;
	struct kv_txn *txn = scratch_write(s);

	assert_int_equal(lastgood_get(txn, &ca, URI, &got, arena), -ENOENT);
	assert_int_equal(lastgood_put(txn, &ca, &row), 0);
	assert_int_equal(lastgood_get(txn, &ca, URI, &got, arena), 0);
	assert_string_equal(got.uri, URI);
	assert_true(hash_equal(&got.manifest, &row.manifest));
	assert_memory_equal(got.number, row.number, 20);
	assert_int_equal(got.this_update, 100);
	assert_true(got.next_update == -200);
	assert_int_equal(got.file_count, 2);
	assert_memory_equal(got.files, files, sizeof(files));
	assert_int_equal(lastgood_get(txn, &other, URI, &got, arena), -ENOENT);
	assert_int_equal(lastgood_remove(txn, &ca, URI), 0);
	assert_int_equal(lastgood_get(txn, &ca, URI, &got, arena), -ENOENT);
	kv_abort(txn);
	arena_free(arena);
}

static void
test_newest_of_a_key(void **state)
{
	struct scratch *s = *state;
	struct arena *arena = arena_new();
	const struct hash files[] = { { { 7 } } };
	struct lastgood row = { .uri = "rsync://r/m/1",
		.number = { [19] = 9 },
		.this_update = 50 };
	struct lastgood got;
	struct kv_txn *txn = scratch_write(s);

	assert_int_equal(lastgood_newest(txn, &ca, &got, arena), -ENOENT);
	assert_int_equal(lastgood_put(txn, &ca, &row), 0);
	/* a number that ran out, under the name before */
	row = (struct lastgood){ .uri = "rsync://r/m/2",
		.number = { [0] = 0x7f },
		.this_update = 49 };
	assert_int_equal(lastgood_put(txn, &ca, &row), 0);
	row = (struct lastgood){ .uri = "rsync://r/m/3",
		.number = { [19] = 200 },
		.this_update = 50,
		.files = files,
		.file_count = 1 };
	assert_int_equal(lastgood_put(txn, &ca, &row), 0);
	row = (struct lastgood){ .uri = "rsync://r/m/4",
		.number = { [0] = 1 },
		.this_update = 99 };
	assert_int_equal(lastgood_put(txn, &other, &row), 0);
	assert_int_equal(lastgood_touch(txn, &ca, "rsync://r/m/1", 5), 0);
	assert_int_equal(lastgood_newest(txn, &ca, &got, arena), 0);
	assert_string_equal(got.uri, "rsync://r/m/3");
	assert_int_equal(got.file_count, 0);
	kv_abort(txn);
	arena_free(arena);
}

static int
find_key(void *arg, struct bytes key, struct bytes value)
{
	struct bytes *row = arg;

	row[0] = key;
	row[1] = value;
	return 1;
}

static void
test_damaged_row(void **state)
{
	struct scratch *s = *state;
	struct arena *arena = arena_new();
	struct lastgood row = { .uri = URI }, got;
	struct kv_txn *txn = scratch_write(s);
	struct bytes at[2];
	uint8_t key[64], copy[256];

	assert_int_equal(lastgood_put(txn, &ca, &row), 0);
	assert_int_equal(kv_each(txn, KV_LASTGOOD, bytes_of(NULL, 0), find_key,
			     at),
	    1);
	memcpy(key, at[0].at, at[0].len);
	memcpy(copy, at[1].at, at[1].len);
	copy[at[1].len - 1] ^= 1;
	assert_int_equal(kv_put(txn, KV_LASTGOOD, bytes_of(key, at[0].len),
			     bytes_of(copy, at[1].len)),
	    0);
	assert_int_equal(lastgood_get(txn, &ca, URI, &got, arena), -EBADMSG);
	assert_int_equal(lastgood_newest(txn, &ca, &got, arena), -ENOENT);
	assert_int_equal(lastgood_put(txn, &ca, &row), 0);
	assert_int_equal(lastgood_get(txn, &ca, URI, &got, arena), 0);
	kv_abort(txn);
	arena_free(arena);
}

int
main(void)
{
#define WITH(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_all_fields_come_back),
		WITH(test_newest_of_a_key),
		WITH(test_damaged_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
