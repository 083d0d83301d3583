/* SPDX-License-Identifier: BSD-2-Clause */
/* What a walk leaves behind where there is room for it, and where not. */
#include "validator/memory.h"

#include <errno.h>
#include <string.h>

#include "store/lastgood.h"
#include "store/meta.h"
#include "store/results.h"
#include "tests/unit/store/scratch.h"

enum { NOW = 1000, FILES = 3 };

/* A point that was believed, and what is to be remembered of it. */
struct believed {
	struct ca ca;
	struct hash files[FILES];
	struct point_result result;
	struct spot spot;
};

struct scene {
	struct scratch scratch;
	struct store *store;
	struct walk walk;
	struct believed points[2];
	struct spot *spots[2];
};

static void
believe(struct believed *b, const char *uri, uint8_t n, size_t octets)
{
	b->ca.own.ski.at[0] = n;
	b->ca.own.manifest_uri = uri;
	b->spot.ca = &b->ca;
	b->spot.result = &b->result;
	b->result.head.state = ANSWER_VALID;
	b->result.head.manifest.at[0] = n;
	b->result.head.this_update = NOW;
	b->result.files = b->files;
	b->result.file_count = FILES;
	b->result.remember = true;
	b->result.key.at[0] = n;
	b->result.head.until = 2 * NOW;
	octets_reserve(&b->result.answer, octets);
	memset(b->result.answer.at, n, octets);
	b->result.answer.len = octets;
}

static void
set(struct scene *s, size_t octets)
{
	struct store_config config = { .map_octets = SCRATCH_MAP,
		.mode = KV_READ_WRITE };

	memset(s, 0, sizeof(*s));
	scratch_make(&s->scratch);
	config.dir = s->scratch.dir;
	s->walk.log = log_new(LOG_LEVEL_ERROR);
	assert_int_equal(store_open(&s->store, &config, s->walk.log), 0);
	s->walk.store = s->store;
	s->walk.now = NOW;
	s->walk.spots = s->spots;
	s->walk.spot_count = 2;
	believe(&s->points[0], "rsync://r.example/m/a.mft", 1, octets);
	believe(&s->points[1], "rsync://r.example/m/b.mft", 2, 10);
	s->spots[0] = &s->points[0].spot;
	s->spots[1] = &s->points[1].spot;
}

static void
clear(struct scene *s)
{
	octets_clear(&s->points[0].result.answer);
	octets_clear(&s->points[1].result.answer);
	store_close(s->store);
	log_free(s->walk.log);
	scratch_remove(&s->scratch);
}

/* Is there the manifest of this point, and an answer to it? */
static void
look(struct scene *s, unsigned n, bool manifest, bool answer)
{
	const struct believed *b = &s->points[n];
	struct arena *arena = arena_new();
	struct lastgood last;
	struct result result;
	struct kv_txn *txn;

	assert_int_equal(kv_read(store_kv(s->store), &txn), 0);
	assert_int_equal(lastgood_get(txn, &b->ca.own.ski,
			     b->ca.own.manifest_uri, &last, arena),
	    manifest ? 0 : -ENOENT);
	if (manifest) {
		assert_int_equal(last.manifest.at[0], n + 1);
		assert_int_equal(last.file_count, FILES);
	}
	assert_int_equal(results_get(txn, &b->result.key, NOW, &result),
	    answer ? 0 : -ENOENT);
	kv_abort(txn);
	arena_free(arena);
}

static void
test_room(void **state)
{
	struct scene s;

	(void)state;
	set(&s, 1000);
	assert_int_equal(memory_keep(&s.walk, true), 0);
	look(&s, 0, true, true);
	look(&s, 1, true, true);
	clear(&s);
}

static void
test_no_room_for_answers(void **state)
{
	struct scene s;

	(void)state;
	set(&s, SCRATCH_MAP);
	assert_int_equal(memory_keep(&s.walk, true), -ENOSPC);
	look(&s, 0, true, false);
	look(&s, 1, true, false);
	clear(&s);
}

/* The first octet of what is remembered of the first point. */
static uint8_t
remembered(struct scene *s)
{
	struct result result;
	struct kv_txn *txn;
	uint8_t first;

	assert_int_equal(kv_read(store_kv(s->store), &txn), 0);
	assert_int_equal(results_get(txn, &s->points[0].result.key, NOW,
			     &result),
	    0);
	first = result.octets.at[0];
	kv_abort(txn);
	return first;
}

/* What was given back is written anew only where its folder looks otherwise. */
static void
test_given_back(void **state)
{
	struct scene s;
	struct point_result *r = &s.points[0].result;

	(void)state;
	set(&s, 1000);
	r->folder_most = 5;
	assert_int_equal(memory_keep(&s.walk, true), 0);
	r->remembered = true;
	r->answer.at[0] = 77;
	assert_int_equal(memory_keep(&s.walk, true), 0);
	assert_int_equal(remembered(&s), 1);
	r->folder.at[9] = 1;
	assert_int_equal(memory_keep(&s.walk, true), 0);
	assert_int_equal(remembered(&s), 77);
	clear(&s);
}

static bool
settled(struct scene *s)
{
	struct kv_txn *txn;
	int64_t when;
	int rc;

	assert_int_equal(kv_read(store_kv(s->store), &txn), 0);
	rc = meta_ta_settled(txn, &s->walk.anchors[0].spki, &when);
	kv_abort(txn);
	assert_true(rc == 0 || rc == -ENOENT);
	return rc == 0;
}

/* Only a set that has waited for all, below an anchor that there was. */
static void
test_settles(void **state)
{
	struct scene s;
	struct ca root = { 0 };
	struct walk_anchor anchor = { .spki = { { 1, 2, 3 } } };

	(void)state;
	set(&s, 10);
	s.walk.anchors = &anchor;
	s.walk.anchor_count = 1;
	assert_int_equal(memory_keep(&s.walk, true), 0);
	assert_false(settled(&s));
	anchor.root = &root;
	assert_int_equal(memory_keep(&s.walk, false), 0);
	assert_false(settled(&s));
	assert_int_equal(memory_keep(&s.walk, true), 0);
	assert_true(settled(&s));
	clear(&s);
}

static bool
is_beside(struct scene *s, unsigned n)
{
	const struct ca_seed *own = &s->points[n].ca.own;
	struct arena *arena = arena_new();
	struct lastgood last;
	struct kv_txn *txn;
	bool beside;

	assert_int_equal(kv_read(store_kv(s->store), &txn), 0);
	assert_int_equal(lastgood_get(txn, &own->ski, own->manifest_uri, &last,
			     arena),
	    0);
	assert_int_equal(last.file_count, FILES);
	beside = last.beside;
	kv_abort(txn);
	arena_free(arena);
	return beside;
}

/* The first one is judged anew. */
static void
keep_one(struct scene *s, int64_t this_update, bool beside)
{
	struct answer_head *head = &s->points[0].result.head;

	head->manifest.at[0] += this_update != head->this_update;
	head->this_update = this_update;
	assert_int_equal(memory_keep(&s->walk, true), 0);
	assert_int_equal(is_beside(s, 0), beside);
}

/* Two points of one key, for as long as both are met, or one of them says no
 * more than it did. */
static void
test_one_key(void **state)
{
	struct scene s;

	(void)state;
	set(&s, 10);
	assert_int_equal(memory_keep(&s.walk, true), 0);
	assert_false(is_beside(&s, 0) || is_beside(&s, 1));
	s.points[1].ca.own.ski = s.points[0].ca.own.ski;
	assert_int_equal(memory_keep(&s.walk, true), 0);
	assert_true(is_beside(&s, 0) && is_beside(&s, 1));
	s.points[1].result.head.state = ANSWER_REJECTED;
	assert_int_equal(memory_keep(&s.walk, true), 0);
	assert_true(is_beside(&s, 0) && is_beside(&s, 1));
	s.points[1].result.head.state = ANSWER_VALID;
	s.points[1].result.head.this_update = NOW + 2;
	assert_int_equal(memory_keep(&s.walk, true), 0);
	s.walk.spot_count = 1;
	keep_one(&s, NOW, true); /* says what it said */
	keep_one(&s, NOW + 1, true);
	keep_one(&s, NOW + 3, false);
	clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_no_room_for_answers),
		cmocka_unit_test(test_given_back),
		cmocka_unit_test(test_settles),
		cmocka_unit_test(test_one_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
