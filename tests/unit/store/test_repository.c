/* SPDX-License-Identifier: BSD-2-Clause */
/* What repository.h promises: rows, and numbers that are never given twice. */
#include "store/repository.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "scratch.h"
#include "store/meta.h"
#include "store/mirror.h"

#define URI "https://r.example/notification.xml"

static uint32_t
put(struct kv_txn *txn, const char *uri)
{
	struct repository row = { .uri = uri };

	assert_int_equal(repository_put(txn, &row), 0);
	assert_int_not_equal(row.number, 0);
	return row.number;
}

static void
test_all_fields_come_back(void **state)
{
	struct scratch *s = *state;
	struct arena *arena = arena_new();
	const struct repository_delta deltas[] = { { 7, { { 1 } } },
		{ 8, { { 2 } } } };
	struct repository row = { .uri = URI,
		.session = "9df4b597-af9e-4dca-bdda-719cce2c4e28",
		.serial = UINT64_MAX,
		.snapshot = scratch_hash("snapshot"),
		.etag = "\"tag\"",
		.last_modified = "Sun, 01 Mar 2026 00:00:00 GMT",
		.snapshot_octets = 5,
		.delta_count = 2,
		.deltas = deltas,
		.last_success = -1,
		.last_attempt = 2,
		.next_due = 3,
		.fallback_at = 4,
		.failures = 6,
		.trouble = "http-status: HTTP status 404",
		.status = -1,
		.payload_status = 404,
		.back = 9 };
	struct repository got;
	struct kv_txn *txn = scratch_write(s);

	assert_int_equal(repository_put(txn, &row), 0);
	assert_int_equal(repository_get(txn, URI, &got, arena), 0);
	assert_string_equal(got.uri, URI);
	assert_int_equal(got.number, row.number);
	assert_string_equal(got.session, row.session);
	assert_true(got.serial == UINT64_MAX);
	assert_true(hash_equal(&got.snapshot, &row.snapshot));
	assert_string_equal(got.etag, row.etag);
	assert_string_equal(got.last_modified, row.last_modified);
	assert_int_equal(got.snapshot_octets, 5);
	assert_int_equal(got.delta_count, 2);
	assert_int_equal(got.deltas[1].serial, 8);
	assert_int_equal(got.deltas[1].hash.at[0], 2);
	assert_true(got.last_success == -1);
	assert_int_equal(got.last_attempt, 2);
	assert_int_equal(got.next_due, 3);
	assert_int_equal(got.fallback_at, 4);
	assert_int_equal(got.failures, 6);
	assert_string_equal(got.trouble, "http-status: HTTP status 404");
	assert_int_equal(got.status, -1);
	assert_int_equal(got.payload_status, 404);
	assert_int_equal(got.back, 9);
	kv_abort(txn);
	arena_free(arena);
}

static void
test_never_seen(void **state)
{
	struct scratch *s = *state;
	struct arena *arena = arena_new();
	struct repository got = { .serial = 5, .session = "x" };
	struct kv_txn *txn = scratch_read(s);

	assert_int_equal(repository_get(txn, URI, &got, arena), -ENOENT);
	assert_string_equal(got.uri, URI);
	assert_int_equal(got.number, 0);
	assert_null(got.session);
	kv_abort(txn);
	arena_free(arena);
}

static void
test_numbers_are_given_once(void **state)
{
	struct scratch *s = *state;
	struct arena *arena = arena_new();
	struct kv_txn *txn = scratch_write(s);
	struct repository row = { .uri = "https://c/" };
	uint32_t a = put(txn, "https://a/"), b = put(txn, "https://b/");
	char uri[LIMIT_URI + 1];

	assert_int_not_equal(a, b);
	assert_int_equal(repository_called(txn, b, uri), 0);
	assert_string_equal(uri, "https://b/");
	assert_int_equal(repository_remove(txn, "https://b/"), 0);
	assert_int_equal(repository_remove(txn, "https://b/"), -ENOENT);
	assert_int_equal(repository_called(txn, b, uri), -ENOENT);
	assert_int_equal(repository_put(txn, &row), 0);
	assert_true(row.number > b);
	/* Put again: the same number. */
	assert_int_equal(repository_put(txn, &row), 0);
	assert_int_equal(repository_get(txn, "https://c/", &row, arena), 0);
	assert_int_equal(row.number, b + 1);
	kv_abort(txn);
	arena_free(arena);
}

/* The counter damaged or gone: above all that was ever given. */
static void
test_counter_is_lost(void **state)
{
	static const char name[] = "last repository";
	struct scratch *s = *state;
	struct hash hash = scratch_hash("x");
	struct kv_txn *txn = scratch_write(s);
	uint32_t highest = 0;

	for (unsigned i = 0; i < 5; i++) {
		char uri[32];

		snprintf(uri, sizeof(uri), "https://r%u/", i);
		highest = put(txn, uri);
	}
	assert_int_equal(meta_put(txn, name, text_bytes("odd")), 0);
	assert_int_equal(put(txn, "https://new/"), highest + 1);
	/* A mirror whose row is gone holds its number too. */
	assert_int_equal(mirror_put(txn, 900, "rsync://r/m/x", &hash), 0);
	assert_int_equal(kv_put(txn, KV_META, text_bytes("nlast repository"),
			     text_bytes("damaged")),
	    0);
	assert_int_equal(put(txn, "https://newer/"), 901);
	assert_int_equal(put(txn, "https://newest/"), 902);
	kv_abort(txn);
}

static int
count(void *arg, const struct repository *row)
{
	unsigned *n = arg;

	assert_non_null(row->uri);
	return ++*n == 3 ? 9 : 0;
}

static void
test_damaged_row(void **state)
{
	struct scratch *s = *state;
	struct arena *arena = arena_new();
	struct hash key = scratch_hash("https://a/"), hash = scratch_hash("x");
	struct kv_txn *txn = scratch_write(s);
	uint32_t number = put(txn, "https://a/");
	struct repository row;
	struct bytes value;
	uint8_t copy[512];
	unsigned n = 0;

	put(txn, "https://b/");
	assert_int_equal(mirror_put(txn, number, "rsync://r/m/x", &hash), 0);
	assert_int_equal(kv_get(txn, KV_REPOSITORY, hash_bytes(&key), &value),
	    0);
	memcpy(copy, value.at, value.len);
	copy[20] ^= 4;
	assert_int_equal(kv_put(txn, KV_REPOSITORY, hash_bytes(&key),
			     bytes_of(copy, value.len)),
	    0);
	assert_int_equal(repository_get(txn, "https://a/", &row, arena),
	    -ENOENT);
	assert_int_equal(row.number, 0);
	assert_int_equal(repository_each(txn, count, &n), 0);
	assert_int_equal(n, 1);
	/* Begins anew, with nothing of the old mirror. */
	assert_int_equal(repository_put(txn, &row), 0);
	assert_true(row.number > number);
	assert_int_equal(mirror_find(txn, row.number, "rsync://r/m/x", &hash),
	    -ENOENT);
	put(txn, "https://c/");
	n = 0;
	assert_int_equal(repository_each(txn, count, &n), 9);
	kv_abort(txn);
	arena_free(arena);
}

static void
test_removal_takes_the_mirror(void **state)
{
	struct scratch *s = *state;
	struct hash hash = scratch_hash("x");
	struct kv_txn *txn = scratch_write(s);
	uint32_t number = put(txn, URI);

	assert_int_equal(mirror_put(txn, number, "rsync://r/m/x", &hash), 0);
	assert_int_equal(repository_remove(txn, URI), 0);
	assert_int_equal(mirror_find(txn, number, "rsync://r/m/x", &hash),
	    -ENOENT);
	kv_abort(txn);
}

int
main(void)
{
#define WITH(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_all_fields_come_back),
		WITH(test_never_seen),
		WITH(test_numbers_are_given_once),
		WITH(test_counter_is_lost),
		WITH(test_damaged_row),
		WITH(test_removal_takes_the_mirror),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
