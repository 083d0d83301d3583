/* SPDX-License-Identifier: BSD-2-Clause */
/* What objects.h promises, damage included. */
#include "store/objects.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/octets.h"
#include "base/text.h"
#include "scratch.h"

static void
put(struct kv_txn *txn, const char *octets)
{
	struct hash hash = scratch_hash(octets);

	assert_int_equal(objects_put(txn, &hash, text_bytes(octets)), 0);
}

static int
get(struct kv_txn *txn, const char *octets)
{
	struct hash hash = scratch_hash(octets);
	struct bytes got;
	int rc = objects_get(txn, &hash, &got);

	if (rc == 0) {
		assert_true(bytes_equal(got, text_bytes(octets)));
	} else {
		assert_int_equal(got.len, 0);
	}
	return rc;
}

static void
test_each_once(void **state)
{
	struct scratch *s = *state;
	struct kv_usage usage;
	struct kv_txn *txn = scratch_write(s);

	put(txn, "one");
	put(txn, "two");
	put(txn, "one");
	put(txn, "");
	scratch_commit(txn);
	txn = scratch_write(s);
	put(txn, "two");
	put(txn, "three");
	scratch_commit(txn);
	assert_int_equal(kv_usage(s->kv, &usage), 0);
	assert_int_equal(usage.entries[KV_OBJECT], 4);
	assert_int_equal(usage.entries[KV_HASH], 4);
	txn = scratch_read(s);
	assert_int_equal(get(txn, "one"), 0);
	assert_int_equal(get(txn, "two"), 0);
	assert_int_equal(get(txn, "three"), 0);
	assert_int_equal(get(txn, ""), 0);
	assert_int_equal(get(txn, "four"), -ENOENT);
	kv_abort(txn);
}

static void
test_remove(void **state)
{
	struct scratch *s = *state;
	struct kv_usage usage;
	struct hash one = scratch_hash("one");
	struct kv_txn *txn = scratch_write(s);

	put(txn, "one");
	put(txn, "two");
	assert_true(objects_has(txn, &one));
	assert_int_equal(objects_remove(txn, &one), 0);
	assert_int_equal(objects_remove(txn, &one), -ENOENT);
	assert_false(objects_has(txn, &one));
	put(txn, "three");
	scratch_commit(txn);
	txn = scratch_read(s);
	assert_int_equal(get(txn, "one"), -ENOENT);
	assert_int_equal(get(txn, "two"), 0);
	assert_int_equal(get(txn, "three"), 0);
	kv_abort(txn);
	assert_int_equal(kv_usage(s->kv, &usage), 0);
	assert_int_equal(usage.entries[KV_OBJECT], 2);
}

/* The octets under the number of the first object. */
static const uint8_t first[8];

static void
test_flipped_octet(void **state)
{
	struct scratch *s = *state;
	struct kv_txn *txn = scratch_write(s);

	put(txn, "one");
	assert_int_equal(kv_put(txn, KV_OBJECT, bytes_of(first, 8),
			     text_bytes("onf")),
	    0);
	assert_int_equal(get(txn, "one"), -EBADMSG);
	/* The right octets heal it. */
	put(txn, "one");
	assert_int_equal(get(txn, "one"), 0);
	scratch_commit(txn);
}

static void
test_octets_gone(void **state)
{
	struct scratch *s = *state;
	struct hash one = scratch_hash("one");
	struct kv_txn *txn = scratch_write(s);

	put(txn, "one");
	assert_int_equal(kv_del(txn, KV_OBJECT, bytes_of(first, 8)), 0);
	assert_int_equal(get(txn, "one"), -EBADMSG);
	assert_int_equal(objects_remove(txn, &one), 0);
	assert_int_equal(get(txn, "one"), -ENOENT);
	put(txn, "one");
	assert_int_equal(get(txn, "one"), 0);
	scratch_commit(txn);
}

static void
test_bad_row(void **state)
{
	struct scratch *s = *state;
	struct hash one = scratch_hash("one");
	struct hash two = scratch_hash("two");
	struct kv_txn *txn = scratch_write(s);
	struct bytes row;
	uint8_t copy[64];

	put(txn, "one");
	put(txn, "two");
	/* A row of a wrong length, and one that points to another's octets. */
	assert_int_equal(kv_put(txn, KV_HASH, hash_bytes(&one),
			     text_bytes("x")),
	    0);
	assert_int_equal(get(txn, "one"), -EBADMSG);
	assert_false(objects_has(txn, &one));
	assert_int_equal(kv_get(txn, KV_HASH, hash_bytes(&two), &row), 0);
	memcpy(copy, row.at, row.len);
	assert_int_equal(kv_put(txn, KV_HASH, hash_bytes(&one),
			     bytes_of(copy, row.len)),
	    0);
	assert_int_equal(get(txn, "one"), -EBADMSG);
	/* Neither removing nor healing it touches what is the other's. */
	assert_int_equal(objects_remove(txn, &one), 0);
	assert_int_equal(get(txn, "two"), 0);
	assert_int_equal(kv_put(txn, KV_HASH, hash_bytes(&one),
			     bytes_of(copy, 20)),
	    0);
	put(txn, "one");
	assert_int_equal(get(txn, "one"), 0);
	assert_int_equal(get(txn, "two"), 0);
	scratch_commit(txn);
}

static struct objects_row
row_of(struct kv_txn *txn, const struct hash *hash)
{
	struct objects_row row;
	struct bytes value;

	assert_int_equal(kv_get(txn, KV_HASH, hash_bytes(hash), &value), 0);
	assert_int_equal(objects_read(value, &row), 0);
	return row;
}

static void
test_unlisted(void **state)
{
	struct scratch *s = *state;
	struct hash one = scratch_hash("one");
	struct kv_txn *txn = scratch_write(s);

	assert_int_equal(objects_unlist(txn, &one, 5), -ENOENT);
	assert_int_equal(objects_list(txn, &one), -ENOENT);
	put(txn, "one");
	assert_int_equal(row_of(txn, &one).octets, 3);
	assert_int_equal(row_of(txn, &one).unlisted, 0);
	assert_int_equal(objects_unlist(txn, &one, 5), 0);
	assert_int_equal(row_of(txn, &one).unlisted, 5);
	put(txn, "one");
	assert_int_equal(row_of(txn, &one).unlisted, 0);
	assert_int_equal(objects_unlist(txn, &one, 6), 0);
	assert_int_equal(objects_list(txn, &one), 0);
	assert_int_equal(row_of(txn, &one).unlisted, 0);
	scratch_commit(txn);
}

int
main(void)
{
#define WITH(test)                                                             \
	cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_each_once),
		WITH(test_remove),
		WITH(test_flipped_octet),
		WITH(test_octets_gone),
		WITH(test_bad_row),
		WITH(test_unlisted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
