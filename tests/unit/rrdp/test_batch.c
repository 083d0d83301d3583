/* SPDX-License-Identifier: BSD-2-Clause */
/* What is much goes into the store by slices, and nothing of it stays if it
 * comes to nothing. */
#include "rrdp/batch.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/digest.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "tests/unit/store/scratch.h"

enum { LARGE = 1 << 20, MANY = 12, NUMBER = 7, NOW = 1000, TRIES = 100 };

static const uint64_t map_octets = UINT64_C(64) << 20;

static struct hash hashes[MANY];

static const char *
uri_of(unsigned i, char out[64])
{
	snprintf(out, 64, "rsync://h.example/m/%u.roa", i);
	return out;
}

/* So many objects, each of so many octets. */
static struct batch *
make(const struct scratch *s, unsigned count, size_t len)
{
	struct batch *batch = batch_new(s->dir, UINT64_MAX);
	uint8_t *octets = mem_zero(len, 1);
	char uri[64];

	for (unsigned i = 0; i < count; i++) {
		struct document_item item = { .change = DOCUMENT_PUBLISH,
			.uri = uri_of(i, uri),
			.octets = bytes_of(octets, len) };

		octets[0] = (uint8_t)i;
		digest_of(item.octets, &item.hash);
		hashes[i] = item.hash;
		assert_int_equal(batch_add(batch, &item), FAULT_NONE);
	}
	free(octets);
	return batch;
}

static unsigned
kept(struct kv_txn *txn)
{
	unsigned count = 0;

	for (unsigned i = 0; i < MANY; i++) {
		count += objects_has(txn, &hashes[i]);
	}
	return count;
}

static unsigned
kept_now(struct scratch *s)
{
	struct kv_txn *txn = scratch_read(s);
	unsigned count = kept(txn);

	kv_abort(txn);
	return count;
}

static void
apply(struct scratch *s, struct batch *batch)
{
	struct kv_txn *txn = scratch_write(s);
	struct batch_result result;

	assert_int_equal(batch_apply(batch, txn, NUMBER, BATCH_REPLACE,
			     &result),
	    0);
	assert_true(result.changed);
	scratch_commit(txn);
}

static void
all_is_listed(struct scratch *s)
{
	struct kv_txn *txn = scratch_read(s);
	struct objects_row row;
	struct bytes value;
	struct hash hash;
	char uri[64];

	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(mirror_find(txn, NUMBER, uri_of(i, uri),
				     &hash),
		    0);
		assert_true(hash_equal(&hash, &hashes[i]));
		assert_int_equal(kv_get(txn, KV_HASH, hash_bytes(&hash),
				     &value),
		    0);
		assert_int_equal(objects_read(value, &row), 0);
		assert_int_equal(row.unlisted, 0);
	}
	kv_abort(txn);
}

static void
test_little(void **state)
{
	struct scratch *s = *state;
	struct batch *batch = make(s, MANY, 1000);

	assert_int_equal(batch_keep(batch, s->kv, NOW), 0);
	assert_int_equal(kept_now(s), 0);
	apply(s, batch);
	all_is_listed(s);
	batch_free(batch);
}

static void
test_much(void **state)
{
	struct scratch *s = *state;
	struct batch *batch = make(s, MANY, LARGE);
	struct kv_txn *txn;
	uint32_t listed;

	assert_int_equal(batch_keep(batch, s->kv, NOW), 0);
	assert_int_equal(kept_now(s), MANY);
	txn = scratch_write(s);
	assert_int_equal(mirror_count(txn, NUMBER, &listed), 0);
	assert_int_equal(listed, 0);
	/* A sweep found the store half full. */
	assert_int_equal(objects_remove(txn, &hashes[3]), 0);
	scratch_commit(txn);
	apply(s, batch);
	all_is_listed(s);
	batch_free(batch);
}

/* But what somebody else lists meanwhile. */
static void
test_taken_back(void **state)
{
	struct scratch *s = *state;
	struct batch *batch = make(s, MANY, LARGE);
	struct kv_txn *txn;

	assert_int_equal(batch_keep(batch, s->kv, NOW), 0);
	txn = scratch_write(s);
	assert_int_equal(objects_list(txn, &hashes[5]), 0);
	scratch_commit(txn);
	batch_take_back(batch, s->kv);
	assert_int_equal(kept_now(s), 1);
	apply(s, batch);
	all_is_listed(s);
	batch_take_back(batch, s->kv);
	assert_int_equal(kept_now(s), MANY);
	batch_free(batch);
}

static void
test_no_room(void **state)
{
	struct scratch *s = *state;
	struct batch *batch;

	kv_close(s->kv);
	scratch_open(s, MANY * LARGE / 2);
	batch = make(s, MANY, LARGE);
	assert_int_equal(batch_keep(batch, s->kv, NOW), -ENOSPC);
	assert_int_equal(kept_now(s), 0);
	batch_free(batch);
}

struct keeper {
	struct kv *kv;
	struct batch *batch;
	int rc;
};

static void *
keep(void *arg)
{
	struct keeper *keeper = arg;

	keeper->rc = batch_keep(keeper->batch, keeper->kv, NOW);
	return NULL;
}

/* How often one with little to write got in where a slice was not full. */
static unsigned
look_in_between(struct scratch *s, struct batch *batch)
{
	struct keeper keeper = { .kv = s->kv, .batch = batch };
	unsigned between = 0, count = 0;
	struct kv_txn *txn;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, keep, &keeper), 0);
	while (count < MANY) {
		txn = scratch_write(s);
		count = kept(txn);
		between += count % 2; /* two fill it */
		kv_abort(txn);
	}
	pthread_join(thread, NULL);
	assert_int_equal(keeper.rc, 0);
	return between;
}

/* He need not wait until a slice is full; should he be late himself, as on a
 * busy machine, he tries again. */
static void
test_gives_way(void **state)
{
	struct scratch *s = *state;
	struct batch *batch = make(s, MANY, LARGE);
	unsigned tries = 0;

	while (look_in_between(s, batch) == 0) {
		assert_true(++tries < TRIES);
		batch_take_back(batch, s->kv);
		assert_int_equal(kept_now(s), 0);
	}
	apply(s, batch);
	all_is_listed(s);
	batch_free(batch);
}

static int
set_up(void **state)
{
	struct scratch *s = mem_zero(1, sizeof(*s));

	scratch_make(s);
	scratch_open(s, map_octets);
	*state = s;
	return 0;
}

#define TEST(test)                                                             \
	cmocka_unit_test_setup_teardown(test, set_up, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_little),
		TEST(test_much),
		TEST(test_taken_back),
		TEST(test_no_room),
		TEST(test_gives_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
