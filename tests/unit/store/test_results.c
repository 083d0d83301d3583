/* SPDX-License-Identifier: BSD-2-Clause */
/* What results.h promises, and meta.h and quarantine.h, which are alike. */
#include "store/results.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "scratch.h"
#include "store/meta.h"
#include "store/quarantine.h"

static int
put(struct kv_txn *txn, const struct hash *key, int64_t from, int64_t until,
    const char *octets)
{
	return results_put(txn, key,
	    &(struct result){ .from = from,
		.until = until,
		.manifest = scratch_hash("manifest"),
		.most = 7,
		.folder = scratch_hash("folder"),
		.octets = text_bytes(octets) });
}

static void
test_result_holds_for_a_time(void **state)
{
	struct scratch *s = *state;
	struct hash key = scratch_hash("inputs"), none = scratch_hash("none");
	struct kv_txn *txn = scratch_write(s);
	struct hash folder = scratch_hash("folder");
	struct hash manifest = scratch_hash("manifest");
	struct result got;

	assert_int_equal(put(txn, &key, 100, 200, "answer"), 0);
	assert_int_equal(results_get(txn, &key, 99, &got), -ENOENT);
	assert_int_equal(got.octets.len, 0);
	assert_int_equal(got.most, 0);
	assert_int_equal(results_get(txn, &key, 100, &got), 0);
	assert_true(bytes_equal(got.octets, text_bytes("answer")));
	assert_int_equal(got.from, 100);
	assert_int_equal(got.until, 200);
	assert_true(hash_equal(&got.manifest, &manifest));
	assert_int_equal(got.most, 7);
	assert_true(hash_equal(&got.folder, &folder));
	assert_int_equal(results_get(txn, &key, 200, &got), 0);
	assert_int_equal(results_get(txn, &key, 201, &got), -ENOENT);
	assert_int_equal(results_get(txn, &none, 150, &got), -ENOENT);
	assert_int_equal(put(txn, &key, -5, 5, ""), 0);
	assert_int_equal(results_get(txn, &key, -5, &got), 0);
	assert_int_equal(got.octets.len, 0);
	assert_int_equal(results_remove(txn, &key), 0);
	assert_int_equal(results_get(txn, &key, 0, &got), -ENOENT);
	kv_abort(txn);
}

static void
test_damaged_result_is_judged_again(void **state)
{
	struct scratch *s = *state;
	struct hash key = scratch_hash("inputs");
	struct kv_txn *txn = scratch_write(s);
	struct bytes row;
	struct result got;
	uint8_t copy[128];
	size_t len;

	assert_int_equal(put(txn, &key, 1, 9, "answer"), 0);
	assert_int_equal(kv_get(txn, KV_RESULT, hash_bytes(&key), &row), 0);
	len = row.len;
	assert_true(len <= sizeof(copy));
	memcpy(copy, row.at, len);
	for (size_t i = 0; i < len; i++) {
		copy[i] ^= 0x10;
		assert_int_equal(kv_put(txn, KV_RESULT, hash_bytes(&key),
				     bytes_of(copy, len)),
		    0);
		assert_int_equal(results_get(txn, &key, 5, &got), -ENOENT);
		copy[i] ^= 0x10;
	}
	kv_abort(txn);
}

static void
test_touched_once_a_day(void **state)
{
	enum { DAY = 86400 };
	struct scratch *s = *state;
	struct hash key = scratch_hash("inputs");
	struct kv_txn *txn = scratch_write(s);

	assert_true(results_due(txn, &key, 5 * DAY));
	assert_int_equal(results_touch(txn, &key, 5 * DAY), 0);
	assert_false(results_due(txn, &key, 5 * DAY + DAY - 1));
	assert_true(results_due(txn, &key, 6 * DAY));
	assert_true(results_due(txn, &key, 4 * DAY));
	assert_int_equal(results_touch(txn, &key, INT64_MAX), 0);
	assert_int_equal(results_touch(txn, &key, INT64_MIN), 0);
	assert_false(results_due(txn, &key, 0));
	kv_abort(txn);
}

static void
test_meta(void **state)
{
	struct scratch *s = *state;
	struct hash one = scratch_hash("one"), two = scratch_hash("two");
	struct kv_txn *txn = scratch_write(s);
	struct bytes got;

	assert_int_equal(meta_get(txn, "a", &got), -ENOENT);
	assert_int_equal(meta_put(txn, "a", text_bytes("1")), 0);
	assert_int_equal(meta_put(txn, "ab", text_bytes("")), 0);
	assert_int_equal(meta_ta_put(txn, &one, text_bytes("cert")), 0);
	assert_int_equal(meta_get(txn, "a", &got), 0);
	assert_true(bytes_equal(got, text_bytes("1")));
	assert_int_equal(meta_get(txn, "ab", &got), 0);
	assert_int_equal(got.len, 0);
	assert_int_equal(meta_ta_get(txn, &one, &got), 0);
	assert_true(bytes_equal(got, text_bytes("cert")));
	assert_int_equal(meta_ta_get(txn, &two, &got), -ENOENT);
	assert_int_equal(kv_put(txn, KV_META, text_bytes("na"),
			     text_bytes("x")),
	    0);
	assert_int_equal(meta_get(txn, "a", &got), -EBADMSG);
	assert_int_equal(got.len, 0);
	kv_abort(txn);
}

static int
count(void *arg, const struct quarantine *row)
{
	unsigned *n = arg;

	assert_string_equal(row->version, "0.1.0");
	++*n;
	return 0;
}

static void
test_quarantine(void **state)
{
	struct scratch *s = *state;
	struct arena *arena = arena_new();
	struct quarantine row = { .kind = QUARANTINE_FETCH,
		.name = quarantine_name("https://r.example/n.xml"),
		.uri = "https://r.example/n.xml",
		.version = "0.1.0",
		.when = 77,
		.signal = 11 };
	struct quarantine got;
	struct kv_txn *txn = scratch_write(s);
	unsigned n = 0;

	assert_int_equal(quarantine_put(txn, &row), 0);
	assert_int_equal(quarantine_get(txn, QUARANTINE_FETCH, &row.name, &got,
			     arena),
	    0);
	assert_int_equal(got.kind, QUARANTINE_FETCH);
	assert_string_equal(got.uri, row.uri);
	assert_string_equal(got.version, "0.1.0");
	assert_int_equal(got.when, 77);
	assert_int_equal(got.signal, 11);
	assert_true(hash_equal(&got.name, &row.name));
	/* The kind belongs to the name. */
	assert_int_equal(quarantine_get(txn, QUARANTINE_OBJECT, &row.name, &got,
			     arena),
	    -ENOENT);
	row.kind = QUARANTINE_OBJECT;
	row.uri = NULL;
	assert_int_equal(quarantine_put(txn, &row), 0);
	assert_int_equal(quarantine_get(txn, QUARANTINE_OBJECT, &row.name, &got,
			     arena),
	    0);
	assert_null(got.uri);
	assert_int_equal(quarantine_each(txn, count, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(quarantine_remove(txn, QUARANTINE_OBJECT, &row.name),
	    0);
	assert_int_equal(quarantine_get(txn, QUARANTINE_OBJECT, &row.name, &got,
			     arena),
	    -ENOENT);
	kv_abort(txn);
	arena_free(arena);
}

int
main(void)
{
#define WITH(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_result_holds_for_a_time),
		WITH(test_damaged_result_is_judged_again),
		WITH(test_touched_once_a_day),
		WITH(test_meta),
		WITH(test_quarantine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
