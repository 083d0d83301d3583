/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees as rsync leaves them, hostile ones too, and what becomes of them. */
#include "store/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "scratch.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "store/repository.h"

#define BASE "rsync://r.example/repo/"

enum { OCTETS_MOST = 20000 };

struct bench {
	struct scratch scratch;
	struct store *store;
	struct log *log;
	char tree[128];
	uint32_t number;
	size_t max_held;
	uint64_t slack; /* octets that a file may be too large */
};

static int
setup(void **state)
{
	struct bench *b = mem_zero(1, sizeof(*b));
	struct store_config config = { .map_octets = SCRATCH_MAP };
	struct repository row = { .uri = BASE };
	struct kv_txn *txn;

	scratch_make(&b->scratch);
	config.dir = b->scratch.dir;
	b->log = log_new(LOG_LEVEL_ERROR);
	assert_int_equal(store_open(&b->store, &config, b->log), 0);
	assert_int_equal(kv_write(store_kv(b->store), &txn), 0);
	assert_int_equal(repository_put(txn, &row), 0);
	assert_int_equal(kv_commit(txn), 0);
	b->number = row.number;
	snprintf(b->tree, sizeof(b->tree), "%s/%u", store_rsync_dir(b->store),
	    row.number);
	assert_int_equal(mkdir(b->tree, 0755), 0);
	b->max_held = 100;
	*state = b;
	return 0;
}

/* Who keeps one file in mind walks twice where there are more. */
static int
setup_forgetful(void **state)
{
	int rc = setup(state);
	struct bench *b = *state;

	b->max_held = 1;
	return rc;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	store_close(b->store);
	scratch_remove(&b->scratch);
	log_free(b->log);
	free(b);
	return 0;
}

static const char *
in_tree(const struct bench *b, const char *name, char out[512])
{
	snprintf(out, 512, "%s/%s", b->tree, name);
	return out;
}

static void
write_file(const struct bench *b, const char *name, const char *octets)
{
	char path[512];
	FILE *f = fopen(in_tree(b, name, path), "wb");

	assert_non_null(f);
	assert_true(fputs(octets, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
import(const struct bench *b, struct import_result *result)
{
	const struct import_job job = {
		.store = b->store,
		.dir = b->tree,
		.base = BASE,
		.number = b->number,
		.max_object = 1000,
		.max_file = 1000 + b->slack,
		.max_files = 100,
		.max_octets = OCTETS_MOST,
		.max_held = b->max_held,
	};

	return import_tree(&job, result);
}

/* NULL: not in the mirror. */
static void
expect(const struct bench *b, const char *name, const char *octets)
{
	struct kv_txn *txn;
	struct bytes got;
	struct hash hash;
	char uri[512];
	int rc;

	snprintf(uri, sizeof(uri), "%s%s", BASE, name);
	assert_int_equal(kv_read(store_kv(b->store), &txn), 0);
	rc = mirror_find(txn, b->number, uri, &hash);
	assert_int_equal(rc, octets == NULL ? -ENOENT : 0);
	if (octets != NULL) {
		assert_int_equal(objects_get(txn, &hash, &got), 0);
		assert_true(bytes_equal(got, text_bytes(octets)));
	}
	kv_abort(txn);
}

static void
expect_counts(const struct import_result *r, const unsigned counts[4])
{
	assert_int_equal(r->objects, counts[0]);
	assert_int_equal(r->added, counts[1]);
	assert_int_equal(r->removed, counts[2]);
	assert_int_equal(r->skipped, counts[3]);
	assert_int_equal(r->changed, counts[1] > 0 || counts[2] > 0);
}

#define COUNTS(...) ((const unsigned[4]){ __VA_ARGS__ })

static void
test_becomes_what_the_tree_is(void **state)
{
	struct bench *b = *state;
	struct import_result r;
	char path[512];

	write_file(b, "a.roa", "one");
	assert_int_equal(mkdir(in_tree(b, "ca", path), 0755), 0);
	write_file(b, "ca/b.roa", "two");
	write_file(b, "ca/c.roa", "one");
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(3, 3, 0, 0));
	expect(b, "a.roa", "one");
	expect(b, "ca/b.roa", "two");
	expect(b, "ca/c.roa", "one");
	/* Nothing new. */
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(3, 0, 0, 0));
	/* One changed, one gone, one new. */
	write_file(b, "a.roa", "other");
	assert_int_equal(unlink(in_tree(b, "ca/b.roa", path)), 0);
	write_file(b, "ca/d.roa", "four");
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(3, 2, 1, 0));
	expect(b, "a.roa", "other");
	expect(b, "ca/b.roa", NULL);
	expect(b, "ca/d.roa", "four");
	/* Only gone. */
	assert_int_equal(unlink(in_tree(b, "a.roa", path)), 0);
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(2, 0, 1, 0));
	expect(b, "a.roa", NULL);
}

/* Same name, length and modification time: the inode's own time tells. */
static void
test_change_that_hides(void **state)
{
	struct bench *b = *state;
	struct timespec times[2];
	struct import_result r;
	struct stat st;
	char path[512];

	write_file(b, "a.roa", "one");
	assert_int_equal(import(b, &r), 0);
	assert_int_equal(stat(in_tree(b, "a.roa", path), &st), 0);
	usleep(20000);
	write_file(b, "a.roa", "two");
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(1, 1, 0, 0));
	expect(b, "a.roa", "two");
}

/* An unchanged file is not read; unless its object is gone from the store. */
static void
test_reads_only_what_it_must(void **state)
{
	struct bench *b = *state;
	struct hash one = scratch_hash("one");
	struct import_result r;
	struct kv_txn *txn;

	write_file(b, "a.roa", "one");
	assert_int_equal(import(b, &r), 0);
	assert_int_equal(kv_write(store_kv(b->store), &txn), 0);
	assert_int_equal(objects_remove(txn, &one), 0);
	assert_int_equal(kv_commit(txn), 0);
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(1, 0, 0, 0));
	expect(b, "a.roa", "one");
}

/* What the store has is listed again, and mended where it is damaged. */
static void
test_takes_up_what_the_store_has(void **state)
{
	struct bench *b = *state;
	struct hash one = scratch_hash("one"), two = scratch_hash("two");
	struct import_result r;
	struct objects_row row;
	struct kv_txn *txn;
	struct bytes value;

	assert_int_equal(kv_write(store_kv(b->store), &txn), 0);
	assert_int_equal(objects_put(txn, &one, text_bytes("one")), 0);
	assert_int_equal(objects_unlist(txn, &one, 7), 0);
	assert_int_equal(objects_put(txn, &two, text_bytes("tw0")), 0);
	assert_int_equal(kv_commit(txn), 0);
	write_file(b, "a.roa", "one");
	write_file(b, "b.roa", "two");
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(2, 2, 0, 0));
	expect(b, "a.roa", "one");
	expect(b, "b.roa", "two");
	assert_int_equal(kv_read(store_kv(b->store), &txn), 0);
	assert_int_equal(kv_get(txn, KV_HASH, hash_bytes(&one), &value), 0);
	assert_int_equal(objects_read(value, &row), 0);
	assert_int_equal(row.unlisted, 0);
	kv_abort(txn);
}

/* Links to files and folders, loops, pipes, sockets, devices, names that no URI
 * has, too large, too deep: passed over, the rest taken. */
static void
test_hostile_tree(void **state)
{
	static const char *const names[] = { "a b.roa", "a%41.roa", "a\nb.roa",
		"a\\b.roa", "a?b.roa", "a#b.roa", "\xc3\xa4.roa", "a\x7f.roa" };
	struct bench *b = *state;
	struct import_result r;
	char path[512], big[1002];
	unsigned skipped = 0;

	write_file(b, "good.roa", "good");
	assert_int_equal(symlink("/etc/passwd", in_tree(b, "l1", path)), 0);
	assert_int_equal(symlink("good.roa", in_tree(b, "l2.roa", path)), 0);
	assert_int_equal(symlink("/etc", in_tree(b, "l3", path)), 0);
	assert_int_equal(symlink(".", in_tree(b, "loop", path)), 0);
	assert_int_equal(mkfifo(in_tree(b, "pipe.roa", path), 0644), 0);
	skipped += 5;
	if (mknod(in_tree(b, "null.roa", path), S_IFCHR | 0644,
		makedev(1, 3)) == 0) {
		skipped++;
	}
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		write_file(b, names[i], "x");
		skipped++;
	}
	memset(big, 'x', sizeof(big));
	big[1001] = '\0';
	write_file(b, "big.roa", big);
	skipped++;
	big[1000] = '\0';
	write_file(b, "most.roa", big);
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(2, 2, 0, skipped));
	expect(b, "good.roa", "good");
	expect(b, "most.roa", big);
	expect(b, "l2.roa", NULL);
	expect(b, "pipe.roa", NULL);
}

static bool
is_bare(const struct bench *b, const char *name)
{
	struct kv_txn *txn;
	char uri[512];
	bool bare;

	snprintf(uri, sizeof(uri), "%s%s", BASE, name);
	assert_int_equal(kv_read(store_kv(b->store), &txn), 0);
	bare = mirror_bare(txn, b->number, uri, 1000);
	kv_abort(txn);
	return bare;
}

/* Somewhat too large: listed, so that it is known why it is not there. */
static void
test_large_file(void **state)
{
	struct bench *b = *state;
	struct import_result r;
	char big[1102];

	b->slack = 100;
	memset(big, 'x', sizeof(big));
	big[1101] = '\0';
	write_file(b, "passed.roa", big);
	big[1100] = '\0';
	write_file(b, "big.roa", big);
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(1, 1, 0, 1));
	assert_true(is_bare(b, "big.roa"));
	assert_int_equal(r.octets, 1100);
	/* Not read again while it is the same. */
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(1, 0, 0, 1));
	assert_int_equal(r.octets, 0);
	assert_true(is_bare(b, "big.roa"));
	/* What has a size again is kept, and the other way about. */
	big[1000] = '\0';
	write_file(b, "big.roa", big);
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(1, 1, 0, 1));
	expect(b, "big.roa", big);
	assert_false(is_bare(b, "big.roa"));
	big[1000] = 'x';
	big[1001] = '\0';
	write_file(b, "big.roa", big);
	assert_int_equal(import(b, &r), 0);
	expect_counts(&r, COUNTS(1, 1, 0, 1));
	assert_true(is_bare(b, "big.roa"));
}

static void
test_top_is_a_link(void **state)
{
	struct bench *b = *state;
	struct import_result r;
	char path[512];

	assert_int_equal(mkdir(in_tree(b, "real", path), 0755), 0);
	write_file(b, "real/a.roa", "one");
	assert_int_equal(symlink("real", in_tree(b, "link", path)), 0);
	strcat(b->tree, "/link");
	assert_true(import(b, &r) < 0);
	expect(b, "a.roa", NULL);
}

static void
test_deep_tree(void **state)
{
	struct bench *b = *state;
	struct import_result r;
	char path[512];
	size_t len = (size_t)snprintf(path, sizeof(path), "%s", b->tree);

	for (unsigned i = 0; i < 80; i++) {
		memcpy(path + len, "/d", 3);
		len += 2;
		assert_int_equal(mkdir(path, 0755), 0);
		if (i == 9) {
			write_file(b, "d/d/d/d/d/d/d/d/d/d/x.roa", "ten");
		}
	}
	assert_int_equal(import(b, &r), -EFBIG);
	expect_counts(&r, COUNTS(0, 0, 0, 0));
	expect(b, "d/d/d/d/d/d/d/d/d/d/x.roa", NULL);
}

/* All octets count, also those of files that are passed over. */
static void
test_too_large(void **state)
{
	struct bench *b = *state;
	struct import_result r;
	char name[32];

	write_file(b, "old.roa", "old");
	assert_int_equal(import(b, &r), 0);
	for (unsigned i = 0; i < OCTETS_MOST / 1000; i++) {
		char octets[1001] = "";

		(void)memset(octets, 'x', sizeof(octets) - 1);
		snprintf(name, sizeof(name), i < 5 ? "%%%u.roa" : "%u.roa", i);
		write_file(b, name, octets);
		assert_int_equal(import(b, &r),
		    3 + (i + 1) * 1000 > OCTETS_MOST ? -EFBIG : 0);
	}
	expect(b, "old.roa", "old");
	expect_counts(&r, COUNTS(0, 0, 0, 0));
}

/* Past the ceiling nothing changes. */
static void
test_too_many(void **state)
{
	struct bench *b = *state;
	struct import_result r;
	char name[32];

	write_file(b, "old.roa", "old");
	assert_int_equal(import(b, &r), 0);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%u.roa", i);
		write_file(b, name, "x");
	}
	assert_int_equal(import(b, &r), -EFBIG);
	expect_counts(&r, COUNTS(0, 0, 0, 0));
	expect(b, "old.roa", "old");
	expect(b, "1.roa", NULL);
}

static void
test_gone_tree_keeps_the_mirror(void **state)
{
	struct bench *b = *state;
	struct import_result r;
	char path[512];

	write_file(b, "a.roa", "one");
	assert_int_equal(import(b, &r), 0);
	assert_int_equal(unlink(in_tree(b, "a.roa", path)), 0);
	assert_int_equal(rmdir(b->tree), 0);
	assert_int_equal(import(b, &r), -ENOENT);
	expect(b, "a.roa", "one");
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define FORGETFUL(test)                                                        \
	cmocka_unit_test_setup_teardown(test, setup_forgetful, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_becomes_what_the_tree_is),
		WITH(test_large_file),
		WITH(test_change_that_hides),
		WITH(test_reads_only_what_it_must),
		WITH(test_takes_up_what_the_store_has),
		FORGETFUL(test_becomes_what_the_tree_is),
		FORGETFUL(test_change_that_hides),
		FORGETFUL(test_takes_up_what_the_store_has),
		WITH(test_hostile_tree),
		WITH(test_top_is_a_link),
		WITH(test_deep_tree),
		WITH(test_too_large),
		WITH(test_too_many),
		WITH(test_gone_tree_keeps_the_mirror),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
