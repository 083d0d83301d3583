/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the store costs beside LMDB itself: 100,000 objects of 2 kB, taken in
 * and looked up by URI, against bare puts and gets of the same octets by number
 * in the same run. Arguments: how many, octets of each.
 *
 * The difference is mostly SHA-256, which is what lets octets be believed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "store/folder.h"
#include "store/import.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "store/repository.h"

enum { SLICE = 10000 };

struct bench {
	char dir[64];
	struct store *store;
	struct log *log;
	unsigned count;
	size_t octets;
	uint8_t *object;
	uint32_t number;
};

static void
must(int rc, const char *what)
{
	if (rc != 0) {
		fprintf(stderr, "%s: %s\n", what, strerror(-rc));
		exit(1);
	}
}

static struct bytes
make_object(struct bench *b, unsigned i)
{
	uint64_t mix = i * UINT64_C(0x9E3779B97F4A7C15);

	for (size_t at = 0; at + 8 <= b->octets; at += 8) {
		memcpy(b->object + at, &mix, 8);
		mix = mix * UINT64_C(6364136223846793005) + 1;
	}
	return bytes_of(b->object, b->octets);
}

static void
name_object(char out[96], unsigned i)
{
	snprintf(out, 96, "rsync://repository.example/repo/ca%u/%u.roa", i / 20,
	    i);
}

static void
number_key(uint8_t key[8], unsigned i)
{
	for (unsigned n = 0; n < 8; n++) {
		key[n] = (uint8_t)((uint64_t)i >> (56 - 8 * n));
	}
}

/* Bare LMDB: the same octets, appended under a number. */
static void
raw_put(struct bench *b, struct kv_txn *txn, unsigned i)
{
	uint8_t key[8];

	number_key(key, i);
	must(kv_append(txn, KV_RESULT, bytes_of(key, 8), make_object(b, i)),
	    "kv_append");
}

static void
raw_get(struct bench *b, struct kv_txn *txn, unsigned i)
{
	struct bytes got;
	uint8_t key[8];

	(void)b;
	number_key(key, i);
	must(kv_get(txn, KV_RESULT, bytes_of(key, 8), &got), "kv_get");
}

static void
store_put(struct bench *b, struct kv_txn *txn, unsigned i)
{
	struct bytes octets = make_object(b, i);
	struct hash hash;
	char uri[96];

	name_object(uri, i);
	digest_of(octets, &hash);
	must(objects_put(txn, &hash, octets), "objects_put");
	must(mirror_put(txn, b->number, uri, &hash), "mirror_put");
}

static void
store_get(struct bench *b, struct kv_txn *txn, unsigned i)
{
	struct bytes got;
	struct hash hash;
	char uri[96];

	name_object(uri, i);
	must(mirror_find(txn, b->number, uri, &hash), "mirror_find");
	must(objects_get(txn, &hash, &got), "objects_get");
}

typedef void step_fn(struct bench *b, struct kv_txn *txn, unsigned i);

/* Milliseconds for all of them, in one transaction a slice. */
static int64_t
measure(struct bench *b, enum kv_mode mode, step_fn *step)
{
	int64_t began = clock_mono_ms();
	struct kv *kv = store_kv(b->store);
	struct kv_txn *txn;

	for (unsigned from = 0; from < b->count; from += SLICE) {
		must(mode == KV_READ_ONLY ? kv_read(kv, &txn)
					  : kv_write(kv, &txn),
		    "begin");
		for (unsigned i = from; i < from + SLICE && i < b->count; i++) {
			step(b, txn, i);
		}
		must(kv_commit(txn), "commit");
	}
	return clock_mono_ms() - began;
}

static void
tell(const struct bench *b, const char *what, int64_t ms, int64_t raw)
{
	printf("%-24s %6lld ms %8.2f us each", what, (long long)ms,
	    (double)ms * 1000 / b->count);
	if (raw > 0) {
		printf("  %5.2f x bare LMDB", (double)ms / (double)raw);
	}
	printf("\n");
}

static void
write_tree(struct bench *b, const char *dir)
{
	char path[160];

	for (unsigned i = 0; i < b->count; i++) {
		struct bytes octets = make_object(b, i + b->count);
		FILE *f;

		if (i % 1000 == 0) {
			snprintf(path, sizeof(path), "%s/ca%u", dir, i / 1000);
			must(folder_make(path), path);
		}
		snprintf(path, sizeof(path), "%s/ca%u/%u.roa", dir, i / 1000,
		    i);
		f = fopen(path, "wb");
		if (f == NULL ||
		    fwrite(octets.at, 1, octets.len, f) != octets.len ||
		    fclose(f) != 0) {
			must(-5, path);
		}
	}
}

static void
bench_import(struct bench *b, int64_t raw)
{
	struct import_result result;
	char dir[128];
	struct import_job job = { .store = b->store,
		.dir = dir,
		.base = "rsync://other.example/repo/",
		.number = b->number + 1,
		.max_object = UINT32_MAX,
		.max_file = UINT32_MAX,
		.max_files = UINT32_MAX,
		.max_held = LIMIT_RSYNC_REMEMBERED };
	int64_t began;

	snprintf(dir, sizeof(dir), "%s/tree", b->dir);
	write_tree(b, dir);
	began = clock_mono_ms();
	must(import_tree(&job, &result), "import_tree");
	tell(b, "rsync tree, cold", clock_mono_ms() - began, raw);
	began = clock_mono_ms();
	must(import_tree(&job, &result), "import_tree");
	tell(b, "rsync tree, unchanged", clock_mono_ms() - began, raw);
}

static void
bench_commits(struct bench *b)
{
	enum { COMMITS = 100 };
	int64_t began = clock_mono_ms();
	struct kv_txn *txn;

	for (unsigned i = 0; i < COMMITS; i++) {
		must(kv_write(store_kv(b->store), &txn), "begin");
		store_put(b, txn, i);
		must(mirror_remove(txn, b->number, "none") == -2 ? 0 : -5,
		    "mirror_remove");
		store_put(b, txn, b->count + 1 + i);
		must(kv_commit(txn), "commit");
	}
	printf("%-24s %6.2f ms each\n", "commit of one object",
	    (double)(clock_mono_ms() - began) / COMMITS);
}

int
main(int argc, char **argv)
{
	struct bench b = { .dir = "/tmp/kedge-bench-XXXXXX" };
	struct store_config config = { .map_octets = UINT64_C(8) << 30 };
	struct repository row = { .uri = "https://repository.example/n.xml" };
	int64_t raw_in, raw_out;
	struct kv_txn *txn;

	b.count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
	b.octets = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000;
	b.object = mem_zero(1, b.octets + 8);
	b.log = log_new(LOG_LEVEL_WARN);
	if (mkdtemp(b.dir) == NULL) {
		must(-1, b.dir);
	}
	config.dir = b.dir;
	must(store_open(&b.store, &config, b.log), "store_open");
	must(kv_write(store_kv(b.store), &txn), "begin");
	must(repository_put(txn, &row), "repository_put");
	must(kv_commit(txn), "commit");
	b.number = row.number;
	printf("%u objects of %zu octets\n", b.count, b.octets);
	raw_in = measure(&b, KV_READ_WRITE, raw_put);
	tell(&b, "bare LMDB, put", raw_in, 0);
	tell(&b, "objects and mirror, put",
	    measure(&b, KV_READ_WRITE, store_put), raw_in);
	tell(&b, "the same once more", measure(&b, KV_READ_WRITE, store_put),
	    raw_in);
	raw_out = measure(&b, KV_READ_ONLY, raw_get);
	tell(&b, "bare LMDB, get", raw_out, 0);
	tell(&b, "mirror and object, get", measure(&b, KV_READ_ONLY, store_get),
	    raw_out);
	bench_commits(&b);
	bench_import(&b, raw_in);
	store_close(b.store);
	log_free(b.log);
	free(b.object);
	must(folder_remove(AT_FDCWD, b.dir), b.dir);
	return 0;
}
