/* SPDX-License-Identifier: BSD-2-Clause */
/* What mirror.h promises: one namespace a repository, and no bad row. */
#include "store/mirror.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scratch.h"
#include "store/record.h"

#define URI "rsync://r.example/m/a.roa"

/* What is listed without its octets is known as such, until they come. */
static void
test_bare(void **state)
{
	struct scratch *s = *state;
	struct hash one = scratch_hash("one"), got;
	struct kv_txn *txn = scratch_write(s);

	assert_false(mirror_bare(txn, 1, URI, 10));
	assert_int_equal(mirror_put_bare(txn, 1, URI, &one, 10), 0);
	assert_true(mirror_bare(txn, 1, URI, 10));
	assert_true(mirror_bare(txn, 1, URI, 9));
	/* It might not be too large any more. */
	assert_false(mirror_bare(txn, 1, URI, 11));
	assert_int_equal(mirror_find(txn, 1, URI, &got), 0);
	assert_true(hash_equal(&one, &got));
	assert_int_equal(mirror_put(txn, 1, URI, &one), 0);
	assert_false(mirror_bare(txn, 1, URI, 10));
	assert_int_equal(kv_commit(txn), 0);
}

static void
test_find_what_was_put(void **state)
{
	struct scratch *s = *state;
	struct hash one = scratch_hash("one"), two = scratch_hash("two"), got;
	struct kv_txn *txn = scratch_write(s);

	assert_int_equal(mirror_find(txn, 1, URI, &got), -ENOENT);
	assert_int_equal(mirror_put(txn, 1, URI, &one), 0);
	assert_int_equal(mirror_find(txn, 1, URI, &got), 0);
	assert_true(hash_equal(&got, &one));
	assert_int_equal(mirror_put(txn, 1, URI, &two), 0);
	assert_int_equal(mirror_find(txn, 1, URI, &got), 0);
	assert_true(hash_equal(&got, &two));
	assert_int_equal(mirror_remove(txn, 1, URI), 0);
	assert_int_equal(mirror_remove(txn, 1, URI), -ENOENT);
	assert_int_equal(mirror_find(txn, 1, URI, &got), -ENOENT);
	scratch_commit(txn);
}

/* No repository publishes for another. */
static void
test_numbers_are_apart(void **state)
{
	static const uint32_t numbers[] = { 1, 2, 256, 0x01000000, UINT32_MAX };
	struct scratch *s = *state;
	struct hash one = scratch_hash("one"), got;
	struct kv_txn *txn = scratch_write(s);
	uint32_t count;

	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(mirror_find(txn, numbers[i], URI, &got),
		    -ENOENT);
		assert_int_equal(mirror_put(txn, numbers[i], URI, &one), 0);
	}
	assert_int_equal(mirror_empty(txn, 1), 0);
	assert_int_equal(mirror_empty(txn, 7), 1);
	assert_int_equal(mirror_put(txn, 1, URI "b", &one), 0);
	assert_int_equal(mirror_count(txn, 1, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(mirror_clear(txn, 1), 0);
	assert_int_equal(mirror_clear(txn, 7), 0);
	assert_int_equal(mirror_empty(txn, 1), 1);
	assert_int_equal(mirror_count(txn, 1, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(mirror_find(txn, 1, URI, &got), -ENOENT);
	for (unsigned i = 1; i < 5; i++) {
		assert_int_equal(mirror_find(txn, numbers[i], URI, &got), 0);
	}
	scratch_commit(txn);
}

static int
gather(void *arg, const char *uri, const struct hash *hash)
{
	char *names = arg;

	assert_int_equal(hash->at[0], 1);
	strcat(names, uri + strlen("rsync://r.example/"));
	strcat(names, " ");
	return strcmp(uri, "rsync://r.example/stop") == 0 ? 5 : 0;
}

static void
test_each(void **state)
{
	static const uint8_t prefix[4] = { 0, 0, 0, 1 };
	struct scratch *s = *state;
	struct hash hash = { { 1 } };
	struct kv_txn *txn = scratch_write(s);
	char names[64] = "";
	struct mirror_key bad = mirror_key(1, "rsync://r.example/bad");

	assert_int_equal(mirror_each(txn, 1, gather, names), 0);
	assert_string_equal(names, "");
	assert_int_equal(mirror_put(txn, 1, "rsync://r.example/x", &hash), 0);
	assert_int_equal(mirror_put(txn, 2, "rsync://r.example/y", &hash), 0);
	assert_int_equal(kv_put(txn, KV_MIRROR, bytes_of(bad.at, MIRROR_KEY),
			     bytes_of(prefix, 4)),
	    0);
	assert_int_equal(mirror_each(txn, 1, gather, names), 0);
	assert_string_equal(names, "x ");
	names[0] = '\0';
	assert_int_equal(mirror_put(txn, 3, "rsync://r.example/stop", &hash),
	    0);
	assert_int_equal(mirror_each(txn, 3, gather, names), 5);
	scratch_commit(txn);
}

/* Every single bit of a row counts, and a row under another key is bad. */
static void
test_flipped_bits(void **state)
{
	struct scratch *s = *state;
	struct hash one = scratch_hash("one"), got;
	struct mirror_key key = mirror_key(1, URI), other = mirror_key(2, URI);
	struct bytes k = bytes_of(key.at, MIRROR_KEY), row;
	struct kv_txn *txn = scratch_write(s);
	uint8_t copy[256];
	size_t len;

	assert_int_equal(mirror_put(txn, 1, URI, &one), 0);
	assert_int_equal(kv_get(txn, KV_MIRROR, k, &row), 0);
	len = row.len;
	memcpy(copy, row.at, len);
	for (size_t bit = 0; bit < len * 8; bit++) {
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_equal(kv_put(txn, KV_MIRROR, k, bytes_of(copy, len)),
		    0);
		assert_int_equal(mirror_find(txn, 1, URI, &got), -EBADMSG);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t cut = 0; cut < len; cut++) {
		assert_int_equal(kv_put(txn, KV_MIRROR, k, bytes_of(copy, cut)),
		    0);
		assert_int_equal(mirror_find(txn, 1, URI, &got), -EBADMSG);
	}
	assert_int_equal(kv_put(txn, KV_MIRROR, bytes_of(other.at, MIRROR_KEY),
			     bytes_of(copy, len)),
	    0);
	assert_int_equal(mirror_find(txn, 2, URI, &got), -EBADMSG);
	/* Putting heals. */
	assert_int_equal(mirror_put(txn, 1, URI, &one), 0);
	assert_int_equal(mirror_find(txn, 1, URI, &got), 0);
	scratch_commit(txn);
}

/* Should two URIs ever have one SHA-256: the URI in the row decides. */
static void
test_collision(void **state)
{
	struct scratch *s = *state;
	struct hash one = scratch_hash("one"), got;
	struct mirror_key key = mirror_key(1, URI);
	struct kv_txn *txn = scratch_write(s);
	struct octets row = { 0 };

	record_begin(&row, 1);
	record_hash(&row, &one);
	for (unsigned i = 0; i < 4; i++) {
		octets_u64(&row, 0);
	}
	octets_text(&row, "rsync://r.example/m/b.roa");
	assert_int_equal(record_put(txn, KV_MIRROR,
			     bytes_of(key.at, MIRROR_KEY), &row),
	    0);
	assert_int_equal(mirror_find(txn, 1, URI, &got), -ENOENT);
	assert_false(hash_equal(&got, &one));
	kv_abort(txn);
}

static void
test_longest_uri(void **state)
{
	struct scratch *s = *state;
	struct hash one = scratch_hash("one"), got;
	struct kv_txn *txn = scratch_write(s);
	char uri[2049];

	memset(uri, 'a', sizeof(uri));
	memcpy(uri, "rsync://r/m/", 12);
	uri[2048] = '\0';
	assert_int_equal(mirror_put(txn, 1, uri, &one), 0);
	assert_int_equal(mirror_find(txn, 1, uri, &got), 0);
	uri[2047] = 'b';
	assert_int_equal(mirror_find(txn, 1, uri, &got), -ENOENT);
	scratch_commit(txn);
}

/* The digest of a folder moves with all that mirror_find() would tell of it,
 * and with nothing else. */
static void
test_folder(void **state)
{
	static const struct mirror_row read = { 1, URI, { { 1 } },
		{ 5, 6, 7, 8 } };
	struct scratch *s = *state;
	struct hash one = { { 1 } }, two = scratch_hash("two"), was, now;
	struct mirror_key key = mirror_key(1, URI);
	struct kv_txn *txn = scratch_write(s);
	struct bytes row;
	uint8_t copy[256];
	size_t len;

#define SAME_FOLDER()                                                          \
	(mirror_folder(txn, 1, "rsync://r.example/m/", 9, &now) == 0 &&        \
	    hash_equal(&was, &now))
	assert_int_equal(mirror_folder(txn, 1, URI, 9, &was), 0);
	assert_int_equal(mirror_put(txn, 1, URI, &one), 0);
	assert_false(SAME_FOLDER());
	assert_int_equal(mirror_folder(txn, 1, URI, 1, &was), 0);
	assert_true(SAME_FOLDER());
	/* Of other repositories and folders; another stamp. */
	assert_int_equal(mirror_put(txn, 2, URI, &two), 0);
	assert_int_equal(mirror_put(txn, 1, "rsync://r.example/m/n/a", &two),
	    0);
	assert_int_equal(mirror_put(txn, 1, "rsync://r.example/n", &two), 0);
	assert_int_equal(mirror_put_row(txn, &read), 0);
	assert_true(SAME_FOLDER());
	assert_int_equal(mirror_put(txn, 1, URI, &two), 0);
	assert_false(SAME_FOLDER());
	assert_int_equal(mirror_put(txn, 1, URI, &one), 0);
	assert_int_equal(mirror_put(txn, 1, "rsync://r.example/m/b", &one), 0);
	assert_false(SAME_FOLDER());
	assert_int_equal(mirror_folder(txn, 1, URI, 1, &now), -E2BIG);
	assert_int_equal(mirror_remove(txn, 1, URI), 0);
	assert_false(SAME_FOLDER());
	assert_int_equal(mirror_put(txn, 1, URI, &one), 0);
	assert_int_equal(mirror_remove(txn, 1, "rsync://r.example/m/b"), 0);
	assert_true(SAME_FOLDER());

	assert_int_equal(kv_get(txn, KV_MIRROR, bytes_of(key.at, MIRROR_KEY),
			     &row),
	    0);
	len = row.len;
	assert_true(len <= sizeof(copy));
	memcpy(copy, row.at, len);
	for (size_t i = 0; i < 8 * len; i++) {
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(kv_put(txn, KV_MIRROR,
				     bytes_of(key.at, MIRROR_KEY),
				     bytes_of(copy, len)),
		    0);
		assert_int_equal(mirror_folder(txn, 1, URI, 9, &now), -EBADMSG);
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
	}
#undef SAME_FOLDER
	kv_abort(txn);
}

/* A shelf says the same as the table it was read from. */
static void
test_shelf(void **state)
{
	static const char folder[] = "rsync://r.example/m/";
	static const char *const names[] = { "a", "b", "c/d", "", "e" };
	struct scratch *s = *state;
	struct hash one = scratch_hash("one"), two = scratch_hash("two"), got;
	struct kv_txn *txn = scratch_write(s);
	struct arena *arena = arena_new();
	struct mirror_key key = mirror_key(1, "rsync://r.example/m/a");
	struct octets row = { 0 };
	struct mirror_shelf shelf;

	assert_int_equal(mirror_shelf(txn, 1, folder, 9, &shelf, arena), 0);
	assert_int_equal(mirror_shelf_find(&shelf, URI, &got), -ENOENT);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(mirror_put(txn, 1,
				     arena_printf(arena, "%s%s", folder,
					 names[i]),
				     i % 2 == 0 ? &one : &two),
		    0);
	}
	assert_int_equal(mirror_shelf(txn, 1, folder, 2, &shelf, arena),
	    -E2BIG);
	assert_int_equal(mirror_shelf(txn, 1, folder, 3, &shelf, arena), 0);
	assert_int_equal(mirror_folder(txn, 1, folder, 3, &got), 0);
	assert_true(hash_equal(&got, &shelf.sum));
	for (unsigned i = 0; i < 5; i++) {
		const char *uri = arena_printf(arena, "%s%s", folder, names[i]);
		bool there = i == 0 || i == 1 || i == 3;

		assert_int_equal(mirror_shelf_find(&shelf, uri, &got),
		    there ? 0 : -ENOENT);
		if (there) {
			assert_true(hash_equal(&got, i % 2 == 0 ? &one : &two));
		}
	}
	/* Another URI under the same key is another file. */
	record_begin(&row, 1);
	record_hash(&row, &one);
	octets_u64(&row, 0);
	octets_u64(&row, 0);
	octets_u64(&row, 0);
	octets_u64(&row, 0);
	octets_text(&row, "rsync://r.example/m/z");
	assert_int_equal(record_put(txn, KV_MIRROR,
			     bytes_of(key.at, MIRROR_KEY), &row),
	    0);
	assert_int_equal(mirror_shelf(txn, 1, folder, 9, &shelf, arena), 0);
	assert_int_equal(mirror_shelf_find(&shelf, "rsync://r.example/m/a",
			     &got),
	    -ENOENT);
	arena_free(arena);
	kv_abort(txn);
}

int
main(void)
{
#define WITH(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_find_what_was_put),
		WITH(test_bare),
		WITH(test_numbers_are_apart),
		WITH(test_each),
		WITH(test_flipped_bits),
		WITH(test_collision),
		WITH(test_longest_uri),
		WITH(test_folder),
		WITH(test_shelf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
