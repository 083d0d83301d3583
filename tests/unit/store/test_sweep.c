/* SPDX-License-Identifier: BSD-2-Clause */
/* What sweep removes, and above all what it leaves alone. */
#include "store/sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "scratch.h"
#include "store/lastgood.h"
#include "store/meta.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "store/quarantine.h"
#include "store/repository.h"
#include "store/results.h"
#include "store/used.h"
#include "tests/unit/between.h"

enum { HOUR = 3600, DAY = 24 * HOUR, NOW = 1000 * DAY, GRACE = 6 * HOUR };

struct bench {
	struct scratch scratch;
	struct log *log;
	struct store *store;
	struct met *met;
	struct kv_txn *txn; /* between begin() and end() */
	struct sweep_report report;
};

static int
setup(void **state)
{
	struct bench *b = mem_zero(1, sizeof(*b));
	struct store_config config = { .map_octets = SCRATCH_MAP };

	scratch_make(&b->scratch);
	config.dir = b->scratch.dir;
	b->log = log_new(LOG_LEVEL_ERROR);
	assert_int_equal(store_open(&b->store, &config, b->log), 0);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	met_free(b->met);
	store_close(b->store);
	scratch_remove(&b->scratch);
	log_free(b->log);
	free(b);
	return 0;
}

static struct kv_txn *
begin(struct bench *b)
{
	assert_int_equal(kv_write(store_kv(b->store), &b->txn), 0);
	return b->txn;
}

static void
end(struct bench *b)
{
	assert_int_equal(kv_commit(b->txn), 0);
}

static void
sweep(struct bench *b, int64_t now)
{
	assert_int_equal(sweep_run(b->store, now, GRACE, b->met, &b->report,
			     b->log),
	    0);
}

static uint64_t
entries(struct bench *b, enum kv_table table)
{
	struct kv_usage usage;

	assert_int_equal(kv_usage(store_kv(b->store), &usage), 0);
	return usage.entries[table];
}

static uint32_t
add_repository(struct bench *b, const char *uri, int64_t seen)
{
	struct repository row = { .uri = uri,
		.last_attempt = seen,
		.last_success = seen };

	begin(b);
	assert_int_equal(repository_put(b->txn, &row), 0);
	end(b);
	return row.number;
}

static void
keep(struct bench *b, const char *octets)
{
	struct hash hash = scratch_hash(octets);

	begin(b);
	assert_int_equal(objects_put(b->txn, &hash, text_bytes(octets)), 0);
	end(b);
}

static void
publish(struct bench *b, uint32_t number, const char *uri, const char *octets)
{
	struct hash hash = scratch_hash(octets);

	keep(b, octets);
	begin(b);
	assert_int_equal(mirror_put(b->txn, number, uri, &hash), 0);
	end(b);
}

static bool
has(struct bench *b, const char *octets)
{
	struct hash hash = scratch_hash(octets);
	struct kv_txn *txn;
	bool answer;

	assert_int_equal(kv_read(store_kv(b->store), &txn), 0);
	answer = objects_has(txn, &hash);
	kv_abort(txn);
	return answer;
}

static void
test_unlisted_go_after_grace(void **state)
{
	struct bench *b = *state;
	uint32_t number = add_repository(b, "https://r.example/n.xml", NOW);

	publish(b, number, "rsync://r.example/m/a.roa", "listed");
	keep(b, "unlisted");
	sweep(b, NOW);
	sweep(b, NOW + GRACE - 1);
	assert_true(has(b, "unlisted"));
	assert_int_equal(b->report.objects_removed, 0);
	sweep(b, NOW + GRACE);
	assert_false(has(b, "unlisted"));
	assert_true(has(b, "listed"));
	assert_int_equal(b->report.objects_removed, 1);
	assert_int_equal(b->report.octets_removed, 8);
	assert_int_equal(entries(b, KV_OBJECT), 1);
}

/* Listed again in between, and no longer listed again: the time starts anew. */
static void
test_listing_ends_the_grace_time(void **state)
{
	struct bench *b = *state;
	uint32_t number = add_repository(b, "https://r.example/n.xml", NOW);

	keep(b, "object");
	sweep(b, NOW);
	publish(b, number, "rsync://r.example/m/a.roa", "object");
	begin(b);
	assert_int_equal(mirror_remove(b->txn, number,
			     "rsync://r.example/m/a.roa"),
	    0);
	end(b);
	sweep(b, NOW + GRACE);
	assert_true(has(b, "object"));
	sweep(b, NOW + 2 * GRACE);
	assert_false(has(b, "object"));
}

/* A clock that was in the future must not remove early, nor keep for ever. */
static void
test_clock_goes_back(void **state)
{
	struct bench *b = *state;

	keep(b, "object");
	sweep(b, NOW + 5000 * (int64_t)DAY);
	sweep(b, NOW);
	assert_true(has(b, "object"));
	sweep(b, NOW + GRACE);
	assert_false(has(b, "object"));
}

static void
test_lastgood_keeps_its_files(void **state)
{
	struct bench *b = *state;
	struct keyid ca = { { 1 } };
	const struct hash files[] = { scratch_hash("crl"),
		scratch_hash("roa") };
	struct lastgood row = { .uri = "rsync://r.example/m/m.mft",
		.manifest = scratch_hash("manifest"),
		.next_update = NOW + 2 * DAY,
		.files = files,
		.file_count = 2 };

	keep(b, "manifest");
	keep(b, "crl");
	keep(b, "roa");
	keep(b, "other");
	begin(b);
	assert_int_equal(lastgood_put(b->txn, &ca, &row), 0);
	end(b);
	sweep(b, NOW);
	sweep(b, NOW + GRACE);
	assert_true(has(b, "manifest") && has(b, "crl") && has(b, "roa"));
	assert_false(has(b, "other"));
	/* Its files until a month after its end; itself, as a bar to older
	 * ones, until nobody asked for long. */
	sweep(b, row.next_update + 30 * (int64_t)DAY);
	assert_true(has(b, "crl") && has(b, "roa"));
	sweep(b, row.next_update + 31 * (int64_t)DAY);
	sweep(b, row.next_update + 31 * (int64_t)DAY + GRACE);
	assert_false(has(b, "crl") || has(b, "roa"));
	assert_true(has(b, "manifest"));
	assert_int_equal(entries(b, KV_LASTGOOD), 1);
	sweep(b, row.next_update + 120 * (int64_t)DAY);
	assert_int_equal(entries(b, KV_LASTGOOD), 1);
	sweep(b, row.next_update + 130 * (int64_t)DAY);
	assert_int_equal(entries(b, KV_LASTGOOD), 0);
	assert_int_equal(b->report.lastgood_removed, 1);
	sweep(b, row.next_update + 140 * (int64_t)DAY);
	assert_int_equal(entries(b, KV_OBJECT), 0);
	assert_int_equal(entries(b, KV_USED), 0);
}

static void
test_lastgood_of_a_ca_that_is_gone(void **state)
{
	struct bench *b = *state;
	struct keyid here = { { 1 } }, gone = { { 2 } };
	struct lastgood row = { .uri = "rsync://r.example/m/m.mft",
		.next_update = NOW + 5000 * (int64_t)DAY };

	begin(b);
	assert_int_equal(lastgood_put(b->txn, &here, &row), 0);
	assert_int_equal(lastgood_put(b->txn, &gone, &row), 0);
	end(b);
	/* Putting is as good as asking. */
	sweep(b, NOW - 50 * (int64_t)DAY);
	begin(b);
	assert_int_equal(lastgood_put(b->txn, &here, &row), 0);
	assert_int_equal(lastgood_put(b->txn, &gone, &row), 0);
	end(b);
	for (int64_t day = 0; day < 95; day++) {
		begin(b);
		assert_int_equal(lastgood_due(b->txn, &here, row.uri,
				     NOW + day * DAY),
		    true);
		assert_int_equal(lastgood_touch(b->txn, &here, row.uri,
				     NOW + day * DAY),
		    0);
		assert_false(lastgood_due(b->txn, &here, row.uri,
		    NOW + day * DAY + HOUR));
		end(b);
		sweep(b, NOW + day * DAY + 1);
		assert_int_equal(entries(b, KV_LASTGOOD), day < 91 ? 2 : 1);
	}
}

static void
test_results(void **state)
{
	struct bench *b = *state;
	struct hash used = scratch_hash("used");
	struct hash unused = scratch_hash("unused");
	struct hash ended = scratch_hash("ended");
	struct kv_txn *txn = begin(b);
	struct result x = { .until = NOW + 9 * DAY, .octets = text_bytes("x") };
	struct result got;

	assert_int_equal(results_put(txn, &used, &x), 0);
	assert_int_equal(results_put(txn, &unused, &x), 0);
	x.until = NOW + 10;
	assert_int_equal(results_put(txn, &ended, &x), 0);
	end(b);
	sweep(b, NOW);
	assert_int_equal(entries(b, KV_RESULT), 3);
	sweep(b, NOW + 11);
	assert_int_equal(entries(b, KV_RESULT), 2);
	for (int64_t day = 1; day <= 3; day++) {
		txn = begin(b);
		assert_int_equal(results_touch(txn, &used, NOW + day * DAY), 0);
		end(b);
		sweep(b, NOW + day * DAY + GRACE + 1);
	}
	txn = begin(b);
	assert_int_equal(results_get(txn, &used, NOW + 3 * DAY, &got), 0);
	assert_int_equal(results_get(txn, &unused, NOW + 3 * DAY, &got),
	    -ENOENT);
	end(b);
	assert_int_equal(entries(b, KV_USED), 1);
}

static void
test_repositories(void **state)
{
	struct bench *b = *state;
	uint32_t old = add_repository(b, "https://old.example/n.xml", NOW);
	uint32_t young =
	    add_repository(b, "https://r.example/n.xml", NOW + GRACE);
	char path[128], name[32];
	struct stat st;

	publish(b, old, "rsync://r.example/m/a.roa", "old");
	publish(b, young, "rsync://r.example/m/a.roa", "young");
	snprintf(name, sizeof(name), "rsync/%u", old);
	assert_int_equal(mkdir(scratch_path(&b->scratch, name, path), 0755), 0);
	strcat(name, "/file.roa");
	scratch_file(&b->scratch, name, "x", 1);
	snprintf(name, sizeof(name), "rsync/%u", young);
	assert_int_equal(mkdir(scratch_path(&b->scratch, name, path), 0755), 0);
	assert_int_equal(mkdir(scratch_path(&b->scratch, "rsync/ours", path),
			     0755),
	    0);
	sweep(b, NOW + GRACE);
	assert_int_equal(b->report.repositories_removed, 0);
	sweep(b, NOW + GRACE + 1);
	assert_int_equal(b->report.repositories_removed, 1);
	assert_int_equal(b->report.trees_removed, 1);
	assert_int_equal(entries(b, KV_REPOSITORY), 1);
	assert_int_equal(entries(b, KV_MIRROR), 1);
	assert_int_equal(stat(scratch_path(&b->scratch, "rsync/ours", path),
			     &st),
	    0);
	assert_int_equal(stat(scratch_path(&b->scratch, name, path), &st), 0);
	sweep(b, NOW + 2 * GRACE - 1);
	sweep(b, NOW + 2 * GRACE + 2);
	assert_false(has(b, "old"));
}

/* A module that never came whole loses its tree when nobody asks for it, long
 * before its row goes. */
static void
test_fruitless_tree(void **state)
{
	struct bench *b = *state;
	struct repository rows[] = {
		{ .uri = "rsync://evil.example/m/", .last_attempt = NOW },
		{ .uri = "rsync://good.example/m/",
		    .last_attempt = NOW,
		    .last_success = NOW },
	};
	char path[128], name[32];
	struct stat st;

	for (unsigned i = 0; i < 2; i++) {
		begin(b);
		assert_int_equal(repository_put(b->txn, &rows[i]), 0);
		end(b);
		snprintf(name, sizeof(name), "rsync/%u", rows[i].number);
		assert_int_equal(mkdir(scratch_path(&b->scratch, name, path),
				     0755),
		    0);
	}
	sweep(b, NOW + 2 * HOUR);
	assert_int_equal(b->report.trees_removed, 0);
	sweep(b, NOW + 2 * HOUR + 1);
	assert_int_equal(b->report.trees_removed, 1);
	assert_int_equal(stat(scratch_path(&b->scratch, name, path), &st), 0);
	assert_int_equal(entries(b, KV_REPOSITORY), 2);
	/* Nor does one that a run leads to no more: what was in it is kept. */
	b->met = met_new();
	met_note_repository(b->met, rows[1].number);
	sweep(b, NOW + 3 * HOUR);
	assert_int_equal(b->report.trees_removed, 0);
	met_free(b->met);
	b->met = met_new();
	sweep(b, NOW + 2 * HOUR);
	assert_int_equal(b->report.trees_removed, 0);
	sweep(b, NOW + 3 * HOUR);
	assert_int_equal(b->report.trees_removed, 1);
	assert_int_equal(entries(b, KV_REPOSITORY), 2);
}

/* Rows that cannot be read go; what they owned goes after them. */
static void
test_damage(void **state)
{
	struct bench *b = *state;
	static const uint8_t stray[8] = { 1 };
	uint32_t number = add_repository(b, "https://r.example/n.xml", NOW);
	struct hash key = scratch_hash("https://r.example/n.xml");
	struct kv_txn *txn;

	publish(b, number, "rsync://r.example/m/a.roa", "object");
	txn = begin(b);
	assert_int_equal(kv_put(txn, KV_REPOSITORY, hash_bytes(&key),
			     text_bytes("damaged")),
	    0);
	assert_int_equal(kv_put(txn, KV_OBJECT, bytes_of(stray, 8),
			     text_bytes("led to by no row")),
	    0);
	assert_int_equal(kv_put(txn, KV_HASH, text_bytes("short"),
			     text_bytes("")),
	    0);
	assert_int_equal(kv_put(txn, KV_RESULT, text_bytes("short"),
			     text_bytes("")),
	    0);
	assert_int_equal(kv_put(txn, KV_QUARANTINE, text_bytes("q"),
			     text_bytes("")),
	    0);
	assert_int_equal(kv_put(txn, KV_USED, text_bytes("u"), text_bytes("")),
	    0);
	end(b);
	sweep(b, NOW);
	sweep(b, NOW + GRACE);
	for (enum kv_table t = KV_OBJECT; t < KV_TABLES; t++) {
		assert_int_equal(entries(b, t), 0);
	}
}

/* A repository that lists what was lost is fetched whole again; others are left
 * as they are. */
static void
test_lost_objects_are_fetched_again(void **state)
{
	struct bench *b = *state;
	static const char *const uris[] = { "https://a/n.xml",
		"https://b/n.xml", "https://c/n.xml" };
	struct hash lost = scratch_hash("lost"), got;
	struct arena *arena = arena_new();
	struct repository row;
	struct mirror_key bad;
	uint32_t numbers[3];

	for (unsigned i = 0; i < 3; i++) {
		row = (struct repository){ .uri = uris[i],
			.session = "s",
			.etag = "e",
			.serial = 5,
			.last_attempt = NOW };
		begin(b);
		assert_int_equal(repository_put(b->txn, &row), 0);
		end(b);
		numbers[i] = row.number;
		publish(b, numbers[i], "rsync://r/m/x", "kept");
	}
	publish(b, numbers[0], "rsync://r/m/lost", "lost");
	bad = mirror_key(numbers[1], "rsync://r/m/bad");
	begin(b);
	assert_int_equal(objects_remove(b->txn, &lost), 0);
	assert_int_equal(kv_put(b->txn, KV_MIRROR, bytes_of(bad.at, MIRROR_KEY),
			     text_bytes("bad")),
	    0);
	end(b);
	sweep(b, NOW);
	begin(b);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(repository_get(b->txn, uris[i], &row, arena),
		    0);
		assert_int_equal(row.number, numbers[i]);
		assert_int_equal(row.session == NULL, i < 2);
		assert_int_equal(row.etag == NULL, i < 2);
		assert_int_equal(row.serial, i < 2 ? 0 : 5);
		assert_int_equal(mirror_find(b->txn, numbers[i],
				     "rsync://r/m/x", &got),
		    0);
	}
	assert_int_equal(mirror_find(b->txn, numbers[1], "rsync://r/m/bad",
			     &got),
	    -ENOENT);
	end(b);
	arena_free(arena);
}

/* More than one slice of everything. */
static void
test_many(void **state)
{
	struct bench *b = *state;
	uint32_t number = add_repository(b, "https://r.example/n.xml", NOW);
	char octets[32], uri[64];

	begin(b);
	for (unsigned i = 0; i < 7000; i++) {
		int len = snprintf(octets, sizeof(octets), "object %u", i);
		struct hash hash = scratch_hash(octets);

		assert_int_equal(objects_put(b->txn, &hash,
				     bytes_of(octets, (size_t)len)),
		    0);
		snprintf(uri, sizeof(uri), "rsync://r.example/m/%u", i);
		if (i % 2 == 0) {
			assert_int_equal(mirror_put(b->txn, number, uri, &hash),
			    0);
		}
	}
	end(b);
	sweep(b, NOW);
	sweep(b, NOW + GRACE);
	assert_int_equal(b->report.objects_removed, 3500);
	assert_int_equal(entries(b, KV_OBJECT), 3500);
	assert_true(has(b, "object 6998"));
	assert_false(has(b, "object 6999"));
}

static uint64_t
weight_of(struct bench *b, const char *uri)
{
	struct arena *arena = arena_new();
	struct repository row;
	uint64_t weight;

	assert_int_equal(repository_get(begin(b), uri, &row, arena), 0);
	end(b);
	weight = row.weight;
	arena_free(arena);
	return weight;
}

static void
list_bare(struct bench *b, uint32_t number, const char *uri)
{
	struct hash hash = scratch_hash("not here");

	begin(b);
	assert_int_equal(mirror_put_bare(b->txn, number, uri, &hash, 4), 0);
	end(b);
}

/* A store that is full can be swept, and there nothing has a time of grace but
 * what is listed, and each repository is weighed; what two list, once, and what
 * is too large to be here, by its row. */
static void
test_full(void **state)
{
	struct bench *b = *state;
	uint32_t number = add_repository(b, "https://r.example/n.xml", NOW);
	uint32_t other = add_repository(b, "rsync://r.example/m/", NOW);
	uint8_t *octets = mem_zero(1, 8192);
	unsigned kept = 0;
	struct kv_txn *txn;
	int rc = 0;

	publish(b, number, "rsync://r.example/m/a.roa", "listed");
	publish(b, number, "rsync://r.example/m/b.roa", "also listed");
	publish(b, other, "rsync://r.example/m/b.roa", "also listed");
	publish(b, other, "rsync://r.example/m/c.roa", "there alone");
	list_bare(b, other, "rsync://r.example/m/d.roa");
	sweep(b, NOW);
	assert_int_equal(weight_of(b, "https://r.example/n.xml"), 0);
	while (rc == 0) {
		assert_int_equal(kv_write(store_kv(b->store), &txn), 0);
		for (unsigned i = 0; rc == 0 && i < 40; i++, kept++) {
			struct hash hash;

			memcpy(octets, &kept, sizeof(kept));
			digest_of(bytes_of(octets, 8192), &hash);
			rc = objects_put(txn, &hash, bytes_of(octets, 8192));
		}
		assert_int_equal(kv_commit(txn), rc);
	}
	assert_int_equal(rc, -ENOSPC);
	assert_between(kept, 1000, 2000);
	sweep(b, NOW);
	assert_between(b->report.objects_removed, kept - 41, kept);
	assert_true(has(b, "listed"));
	assert_int_equal(entries(b, KV_HASH), 3);
	assert_int_equal(weight_of(b, "https://r.example/n.xml"),
	    6 + 11 + 2 * (strlen("rsync://r.example/m/a.roa") + 300));
	assert_int_equal(weight_of(b, "rsync://r.example/m/"),
	    11 + 3 * (strlen("rsync://r.example/m/a.roa") + 300));
	keep(b, "room again");
	sweep(b, NOW + 1);
	assert_int_equal(weight_of(b, "https://r.example/n.xml"), 0);
	free(octets);
}

/* Octets of which nobody has the like, listed as a mirror's. */
static int
list_much(struct kv_txn *txn, uint32_t number, unsigned n)
{
	uint8_t *octets = mem_zero(1, 8192);
	struct hash hash;
	char uri[64];
	int rc;

	memcpy(octets, &n, sizeof(n));
	digest_of(bytes_of(octets, 8192), &hash);
	snprintf(uri, sizeof(uri), "rsync://r.example/m/%u.roa", n);
	rc = objects_put(txn, &hash, bytes_of(octets, 8192));
	if (rc == 0) {
		rc = mirror_put(txn, number, uri, &hash);
	}
	free(octets);
	return rc;
}

/* All that fills the store is listed: nothing of it goes, and yet it is known
 * what each takes, or nobody could be refused more. */
static void
test_full_of_what_is_listed(void **state)
{
	struct bench *b = *state;
	uint32_t number = 0;
	struct kv_txn *txn;
	unsigned n = 0;
	int rc = 0;

	for (unsigned i = 0; i < 300; i++) {
		char uri[64];

		snprintf(uri, sizeof(uri), "https://r%u.example/n.xml", i);
		number = add_repository(b, uri, NOW);
		begin(b);
		assert_int_equal(list_much(b->txn, number, n++), 0);
		end(b);
	}
	while (rc == 0) {
		assert_int_equal(kv_write(store_kv(b->store), &txn), 0);
		for (unsigned i = 0; rc == 0 && i < 10; i++) {
			rc = list_much(txn, number, n++);
		}
		rc = kv_end(txn, rc);
	}
	assert_int_equal(rc, -ENOSPC);
	sweep(b, NOW);
	assert_true(weight_of(b, "https://r0.example/n.xml") > 8192);
	assert_true(weight_of(b, "https://r298.example/n.xml") > 8192);
	assert_true(weight_of(b, "https://r299.example/n.xml") > 1000 * 1000);
}

static void
list_many(struct bench *b, uint32_t number, unsigned count)
{
	for (unsigned n = 0; n < count; n++) {
		begin(b);
		assert_int_equal(list_much(b->txn, number, n), 0);
		end(b);
	}
}

enum { MORE_THAN_HALF = 1200 }; /* such objects */

/* Where there is little room a repository that the last run did not lead to
 * goes at once; then there is room, and last good versions stay. */
static void
test_repository_not_met(void **state)
{
	struct bench *b = *state;
	uint32_t here = add_repository(b, "https://here.example/n.xml", NOW);
	uint32_t gone = add_repository(b, "https://gone.example/n.xml", NOW);
	struct keyid ca = { { 1 } };
	const struct hash file = scratch_hash("believed");
	struct lastgood row = { .uri = "rsync://r.example/m/m.mft",
		.next_update = NOW + DAY,
		.files = &file,
		.file_count = 1 };

	publish(b, here, "rsync://r.example/m/a.roa", "listed");
	keep(b, "believed");
	begin(b);
	assert_int_equal(lastgood_put(b->txn, &ca, &row), 0);
	end(b);
	list_many(b, gone, MORE_THAN_HALF);
	sweep(b, NOW);
	assert_int_equal(entries(b, KV_REPOSITORY), 2);
	b->met = met_new();
	met_note_repository(b->met, here);
	sweep(b, NOW);
	assert_int_equal(entries(b, KV_REPOSITORY), 1);
	assert_int_equal(entries(b, KV_HASH), 2);
	assert_int_equal(entries(b, KV_LASTGOOD), 1);
	assert_true(has(b, "listed") && has(b, "believed"));
}

static void
settle(struct bench *b, const char *anchor, int64_t now)
{
	const struct hash spki = scratch_hash(anchor);

	begin(b);
	assert_int_equal(meta_ta_settle(b->txn, &spki, now), 0);
	end(b);
}

/* What runs from another anchor lead to is not met by those from this one. */
static void
test_runs_take_turns(void **state)
{
	struct bench *b = *state;
	const char *one = "https://ours.example/n.xml";
	const char *other = "https://theirs.example/n.xml";
	uint32_t ours = add_repository(b, one, NOW + DAY);
	uint32_t theirs = add_repository(b, other, NOW + DAY);
	const struct hash anchor = scratch_hash("our anchor");

	settle(b, "our anchor", NOW);
	settle(b, "their anchor", NOW);
	list_many(b, theirs, MORE_THAN_HALF);
	b->met = met_new();
	met_note_anchor(b->met, &anchor);
	met_note_repository(b->met, ours);
	sweep(b, NOW);
	assert_int_equal(entries(b, KV_REPOSITORY), 2);
	/* By a clock that was wrong, or once it is out of use, it is no bar. */
	settle(b, "their anchor", NOW + 3 * DAY);
	sweep(b, NOW);
	assert_int_equal(entries(b, KV_REPOSITORY), 1);
	theirs = add_repository(b, other, NOW + DAY);
	settle(b, "their anchor", NOW - DAY);
	list_many(b, theirs, MORE_THAN_HALF);
	sweep(b, NOW + GRACE);
	assert_int_equal(entries(b, KV_REPOSITORY), 2);
	sweep(b, NOW + GRACE + 1);
	assert_int_equal(entries(b, KV_REPOSITORY), 1);
}

static void
believe(struct bench *b, uint8_t ca, const char *uri, int64_t this_update,
    const struct hash *files, size_t count)
{
	struct keyid key = { { ca } };
	struct lastgood row = { .uri = uri,
		.this_update = this_update,
		.next_update = NOW + DAY,
		.files = files,
		.file_count = count };

	begin(b);
	assert_int_equal(lastgood_put(b->txn, &key, &row), 0);
	end(b);
}

/* Should that not be enough, so do last good versions of CAs that it did not
 * lead to; but not what bars older ones of a key that it met elsewhere. */
static void
test_lastgood_not_met(void **state)
{
	struct hash files[MORE_THAN_HALF];
	struct bench *b = *state;
	struct keyid ca = { { 1 } };
	char octets[4096];

	for (unsigned n = 0; n < MORE_THAN_HALF; n++) {
		memset(octets, 'a', sizeof(octets));
		(void)snprintf(octets, sizeof(octets), "%u", n);
		octets[strlen(octets)] = '.';
		octets[sizeof(octets) - 1] = '\0';
		files[n] = scratch_hash(octets);
		keep(b, octets);
	}
	believe(b, 1, "rsync://r.example/here.mft", NOW - HOUR, NULL, 0);
	believe(b, 1, "rsync://r.example/bar.mft", NOW, NULL, 0);
	believe(b, 1, "rsync://r.example/before.mft", NOW - DAY, NULL, 0);
	believe(b, 2, "rsync://r.example/gone.mft", NOW, files, MORE_THAN_HALF);
	sweep(b, NOW);
	assert_int_equal(entries(b, KV_LASTGOOD), 4);
	b->met = met_new();
	met_note_ca(b->met, &ca, "rsync://r.example/here.mft");
	sweep(b, NOW);
	assert_int_equal(entries(b, KV_LASTGOOD), 2);
	assert_int_equal(b->report.lastgood_removed, 2);
	assert_int_equal(entries(b, KV_HASH), 0);
}

/* What was too large to be kept is no loss: fetching all again would not bring
 * it. */
static void
test_too_large_is_not_lost(void **state)
{
	struct bench *b = *state;
	struct hash large = scratch_hash("large");
	struct arena *arena = arena_new();
	struct repository row = { .uri = "https://a/n.xml",
		.session = "s",
		.last_attempt = NOW };

	begin(b);
	assert_int_equal(repository_put(b->txn, &row), 0);
	assert_int_equal(mirror_put_bare(b->txn, row.number, "rsync://r/m/l",
			     &large, 1000),
	    0);
	end(b);
	sweep(b, NOW);
	begin(b);
	assert_int_equal(repository_get(b->txn, "https://a/n.xml", &row, arena),
	    0);
	assert_non_null(row.session);
	end(b);
	arena_free(arena);
}

static void
test_knows_its_time(void **state)
{
	static const int64_t far[] = { 4 * DAY, -4 * DAY, INT32_MAX };
	static const int64_t near[] = { 0, 2 * DAY, -2 * DAY };
	struct bench *b = *state;

	assert_true(sweep_knows(b->store, NOW));
	sweep(b, NOW);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(sweep_knows(b->store, NOW + near[i]));
		assert_false(sweep_knows(b->store, NOW + far[i]));
	}
}

/* What is to go may wait an hour; the mark of the last time is no more than
 * that. */
static void
test_comes_once_an_hour(void **state)
{
	struct bench *b = *state;

	assert_false(sweep_due(b->store, NOW));
	assert_false(sweep_due(b->store, NOW + HOUR - 1));
	assert_true(sweep_due(b->store, NOW + HOUR));
	sweep(b, NOW + 2 * HOUR);
	assert_false(sweep_due(b->store, NOW + 3 * HOUR - 1));
	assert_true(sweep_due(b->store, NOW + 3 * HOUR));
	assert_true(sweep_due(b->store, NOW + 2 * HOUR - 1));
	begin(b);
	assert_int_equal(meta_put(b->txn, "swept", text_bytes("never")), 0);
	end(b);
	assert_true(sweep_due(b->store, NOW + 2 * HOUR));
}

static void
test_comes_when_there_is_little_room(void **state)
{
	struct bench *b = *state;
	char *text = mem_zero(SCRATCH_MAP / 8, 1);

	memset(text, 'x', SCRATCH_MAP / 8 - 1);
	for (unsigned i = 0; i < 4; i++) {
		assert_false(sweep_due(b->store, NOW));
		text[0] = (char)('a' + i);
		keep(b, text);
	}
	assert_true(sweep_due(b->store, NOW));
	free(text);
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_unlisted_go_after_grace),
		WITH(test_listing_ends_the_grace_time),
		WITH(test_clock_goes_back),
		WITH(test_lastgood_keeps_its_files),
		WITH(test_lastgood_of_a_ca_that_is_gone),
		WITH(test_results),
		WITH(test_repositories),
		WITH(test_fruitless_tree),
		WITH(test_damage),
		WITH(test_lost_objects_are_fetched_again),
		WITH(test_too_large_is_not_lost),
		WITH(test_many),
		WITH(test_full),
		WITH(test_full_of_what_is_listed),
		WITH(test_repository_not_met),
		WITH(test_runs_take_turns),
		WITH(test_lastgood_not_met),
		WITH(test_comes_once_an_hour),
		WITH(test_knows_its_time),
		WITH(test_comes_when_there_is_little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
