/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a snapshot costs beside its parts, and what a delta costs in a small and
 * in a large repository. CPU time on one thread, the middle of several rounds;
 * the parts one after the other over the same octets: hashing the file, reading
 * its XML, base64, hashing each object, and bare puts of rows as long as ours.
 * Arguments: how many objects, octets of each.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "rrdp/base64.h"
#include "rrdp/parcel.h"
#include "store/folder.h"
#include "store/mirror.h"
#include "store/repository.h"

#define SESSION "9df4b597-af9e-4dca-bdda-719cce2c4e28"

enum { ROUNDS = 5, CHANGES = 100, SMALLER = 16, PIECE = 1 << 14 };

struct bench {
	char dir[64];
	struct log *log;
	struct store *store;
	uint32_t number;
	unsigned count;
	size_t octets;
	struct octets file; /* the snapshot or delta */
	struct hash hash;   /* of it */
	struct octets text; /* of one object */
	struct octets object;
};

static void
must(int rc, const char *what)
{
	if (rc != 0) {
		fprintf(stderr, "bench_intake: %s: %s\n", what, strerror(-rc));
		exit(1);
	}
}

static void
make_object(struct bench *b, unsigned i)
{
	uint64_t mix = i * UINT64_C(0x9E3779B97F4A7C15);

	octets_reset(&b->object);
	while (b->object.len + 8 <= b->octets) {
		octets_u64(&b->object, mix);
		mix = mix * UINT64_C(6364136223846793005) + 1;
	}
}

static void
name_object(char out[96], unsigned i)
{
	snprintf(out, 96, "rsync://repository.example/repo/ca%u/%u.roa", i / 20,
	    i);
}

/* Names from 0 on, with the octets of objects from `from` on; in the place of
 * those from `old` on, unless it is `from` too. */
static void
make_file(struct bench *b, const char *kind, unsigned from, unsigned count,
    unsigned old)
{
	char uri[96], text[HASH_TEXT];
	struct hash hash;

	octets_reset(&b->file);
	octets_printf(&b->file,
	    "<%s xmlns=\"http://www.ripe.net/rpki/rrdp\" version=\"1\" "
	    "session_id=\"" SESSION "\" serial=\"1\">\n",
	    kind);
	for (unsigned i = 0; i < count; i++) {
		name_object(uri, i);
		octets_printf(&b->file, "<publish uri=\"%s\"", uri);
		if (old != from) {
			make_object(b, old + i);
			digest_of(octets_bytes(&b->object), &hash);
			hash_text(&hash, text);
			octets_printf(&b->file, " hash=\"%s\"", text);
		}
		octets_u8(&b->file, '>');
		make_object(b, from + i);
		octets_reset(&b->text);
		text_base64(&b->text, octets_bytes(&b->object), TEXT_BASE64);
		octets_add_bytes(&b->file, octets_bytes(&b->text));
		octets_printf(&b->file, "</publish>\n");
	}
	octets_printf(&b->file, "</%s>\n", kind);
	digest_of(octets_bytes(&b->file), &b->hash);
}

static void
open_store(struct bench *b)
{
	struct store_config config = { .dir = b->dir,
		.map_octets = UINT64_C(8) << 30 };
	struct repository row = { .uri = "https://repository.example/n.xml" };
	struct kv_txn *txn;

	must(store_open(&b->store, &config, b->log), "store_open");
	must(kv_write(store_kv(b->store), &txn), "begin");
	must(repository_put(txn, &row), "repository_put");
	must(kv_commit(txn), "commit");
	b->number = row.number;
}

static void
drop_store(struct bench *b)
{
	store_close(b->store);
	must(folder_remove(AT_FDCWD, b->dir), b->dir);
}

/* --- the whole: as sync does it, a piece from the network after the other */

static void
feed(const struct bench *b, struct spool *spool)
{
	struct bytes left = octets_bytes(&b->file);

	while (left.len > 0) {
		size_t n = left.len < PIECE ? left.len : PIECE;

		must(spool_add(spool, bytes_of(left.at, n)), "spool_add");
		left = bytes_of(left.at + n, left.len - n);
	}
}

static void
take_in(struct bench *b, enum document_kind kind)
{
	struct parcel_job job = { .hash = b->hash,
		.ceiling = UINT64_MAX,
		.document = { .kind = kind,
		    .session = SESSION,
		    .serial = 1,
		    .max_object = UINT32_MAX,
		    .max_octets = UINT64_MAX,
		    .max_items = UINT32_MAX },
		.batch = batch_new(b->dir, UINT64_MAX) };
	struct batch_result result;
	struct parcel *parcel;
	struct kv_txn *txn;

	parcel = parcel_new(&job);
	feed(b, parcel_spool(parcel));
	must(parcel_end(parcel) == FAULT_NONE ? 0 : -EPROTO, "parcel_end");
	must(kv_write(store_kv(b->store), &txn), "begin");
	must(batch_apply(job.batch, txn, b->number,
		 kind == DOCUMENT_SNAPSHOT ? BATCH_REPLACE : BATCH_CHANGE,
		 &result),
	    "batch_apply");
	must(kv_commit(txn), "commit");
	parcel_free(parcel);
	batch_free(job.batch);
}

/* --- its parts */

static void
do_hash_file(struct bench *b)
{
	struct hash hash;

	digest_of(octets_bytes(&b->file), &hash);
}

static enum fault
no_begin(void *arg, const struct xml_element *element)
{
	(void)arg;
	(void)element;
	return FAULT_NONE;
}

static enum fault
no_text(void *arg, struct bytes text, unsigned depth)
{
	(void)arg;
	(void)text;
	(void)depth;
	return FAULT_NONE;
}

static enum fault
no_end(void *arg, unsigned depth)
{
	(void)arg;
	(void)depth;
	return FAULT_NONE;
}

static void
do_xml(struct bench *b)
{
	static const struct xml_handler nothing = { no_begin, no_text, no_end };
	struct bytes left = octets_bytes(&b->file);
	struct xml_source source = xml_octets(&left);

	must(xml_read(&source, &nothing, NULL, NULL) == FAULT_NONE ? 0
								   : -EPROTO,
	    "xml_read");
}

static void
do_base64(struct bench *b)
{
	struct octets out = { 0 };

	for (unsigned i = 0; i < b->count; i++) {
		struct base64 state = { 0 };

		octets_reset(&out);
		base64_feed(&state, octets_bytes(&b->text), &out);
	}
	octets_clear(&out);
}

static void
do_hash(struct bench *b)
{
	struct hash hash;

	for (unsigned i = 0; i < b->count; i++) {
		digest_of(octets_bytes(&b->object), &hash);
	}
}

/* Octets under a number, a number under a hash, a row of the mirror. */
static void
do_puts(struct bench *b)
{
	struct octets key = { 0 };
	struct hash hash;
	struct kv_txn *txn;

	must(kv_write(store_kv(b->store), &txn), "begin");
	for (unsigned i = 0; i < b->count; i++) {
		octets_reset(&key);
		octets_u64(&key, i);
		digest_of(octets_bytes(&key), &hash);
		must(kv_append(txn, KV_OBJECT, octets_bytes(&key),
			 octets_bytes(&b->object)),
		    "kv_append");
		must(kv_put(txn, KV_HASH, hash_bytes(&hash),
			 bytes_of(b->object.at, 20)),
		    "kv_put");
		must(kv_put(txn, KV_MIRROR, hash_bytes(&hash),
			 bytes_of(b->object.at, 130)),
		    "kv_put");
	}
	must(kv_commit(txn), "commit");
	octets_clear(&key);
}

static void
do_snapshot(struct bench *b)
{
	take_in(b, DOCUMENT_SNAPSHOT);
}

static const struct {
	const char *what;
	void (*work)(struct bench *b);
} parts[] = {
	{ "SHA-256 of the file", do_hash_file },
	{ "XML, with the guard", do_xml },
	{ "base64", do_base64 },
	{ "SHA-256 of each object", do_hash },
	{ "bare puts and a commit", do_puts },
	{ "the whole", do_snapshot },
};

enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static int
order(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double
middle(double *samples, size_t count)
{
	qsort(samples, count, sizeof(*samples), order);
	return samples[count / 2];
}

static void
bench_snapshot(struct bench *b)
{
	double took[PARTS][ROUNDS], sum = 0, us = 0;

	make_file(b, "snapshot", 0, b->count, 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < PARTS; i++) {
			int64_t began;

			open_store(b);
			began = clock_cpu_us();
			parts[i].work(b);
			took[i][round] = (double)(clock_cpu_us() - began);
			drop_store(b);
		}
	}
	printf("%u objects of %zu octets, us of CPU for each\n", b->count,
	    b->octets);
	for (unsigned i = 0; i < PARTS; i++) {
		us = middle(took[i], ROUNDS) / b->count;
		sum += i < PARTS - 1 ? us : 0;
		printf("%-28s %8.2f (%.2f to %.2f)\n", parts[i].what, us,
		    took[i][0] / b->count, took[i][ROUNDS - 1] / b->count);
	}
	printf("%-28s %8.2f: %.0f %% of the speed of its parts\n",
	    "the parts together", sum, 100 * sum / us);
}

/* The same hundred objects, replaced again and again. */
static void
bench_delta(struct bench *b, unsigned count)
{
	double took[ROUNDS];
	unsigned old = 0;

	open_store(b);
	make_file(b, "snapshot", 0, count, 0);
	take_in(b, DOCUMENT_SNAPSHOT);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned from = count + round * CHANGES;
		int64_t began;

		make_file(b, "delta", from, CHANGES, old);
		began = clock_cpu_us();
		take_in(b, DOCUMENT_DELTA);
		took[round] = (double)(clock_cpu_us() - began) / 1000;
		old = from;
	}
	drop_store(b);
	printf("a delta of %u changes to %u objects: %.2f ms\n", CHANGES, count,
	    middle(took, ROUNDS));
}

int
main(int argc, char **argv)
{
	struct bench b = { .dir = "/tmp/kedge-bench-XXXXXX" };

	b.count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
	b.octets = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000;
	b.log = log_new(LOG_LEVEL_WARN);
	if (mkdtemp(b.dir) == NULL) {
		must(-errno, b.dir);
	}
	bench_snapshot(&b);
	bench_delta(&b, b.count / SMALLER);
	bench_delta(&b, b.count);
	octets_clear(&b.file);
	octets_clear(&b.text);
	octets_clear(&b.object);
	log_free(b.log);
	return 0;
}
