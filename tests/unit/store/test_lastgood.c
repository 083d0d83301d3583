/* SPDX-License-Identifier: BSD-2-Clause */
/* What lastgood.h promises. */
#include "store/lastgood.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "scratch.h"
#include "store/bars.h"

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

/* What was looked up once is what looking at all rows gives, whatever is put in
 * between: newer ones, at the same place or another, or beside each other. */
static void
test_bars(void **state)
{
	static const struct {
		const char *uri;
		int64_t this_update;
		uint8_t number;
		bool beside;
	} puts[] = {
		{ "rsync://r/m/1", 50, 1, false },
		{ "rsync://r/m/2", 40, 9, false },
		{ "rsync://r/m/2", 50, 9, false },
		{ "rsync://r/m/1", 60, 2, true },
		{ "rsync://r/m/2", 70, 10, true },
		{ "rsync://r/m/2", 70, 10, false },
		{ "rsync://r/m/3", 65, 3, true },
		{ "rsync://r/m/3", 80, 4, true },
		{ "rsync://r/m/1", 80, 3, true },
	};
	struct scratch *s = *state;
	struct bars *bars = bars_new();
	struct kv_txn *txn = scratch_write(s);
	struct arena *arena = arena_new();
	struct lastgood a, b;

	assert_int_equal(bars_newest(bars, txn, &ca, &a, arena), -ENOENT);
	for (size_t i = 0; i < sizeof(puts) / sizeof(puts[0]); i++) {
		struct lastgood row = { .uri = puts[i].uri,
			.this_update = puts[i].this_update,
			.number = { [19] = puts[i].number },
			.beside = puts[i].beside };

		assert_int_equal(bars_put(bars, txn, &ca, &row), 0);
		for (const char *at = "1234"; *at != '\0'; at++) {
			const char *uri =
			    arena_printf(arena, "rsync://r/m/%c", *at);

			assert_int_equal(bars_find(bars, txn, &ca, uri, &a,
					     arena),
			    0);
			assert_int_equal(bars_find(NULL, txn, &ca, uri, &b,
					     arena),
			    0);
			assert_string_equal(a.uri, b.uri);
			assert_int_equal(a.this_update, b.this_update);
			assert_int_equal(a.beside, b.beside);
		}
	}
	assert_string_equal(a.uri, "rsync://r/m/3");
	assert_int_equal(bars_newest(bars, txn, &other, &a, arena), -ENOENT);
	kv_abort(txn);
	arena_free(arena);
	bars_free(bars);
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
		WITH(test_bars),
		WITH(test_damaged_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
