/* SPDX-License-Identifier: BSD-2-Clause */
/* import - see import.h. */
#include "store/import.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/limits.h"
#include "base/octets.h"
#include "base/text.h"
#include "base/uri.h"
#include "crypto/digest.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "store/tree.h"

/*
 * One walk over the tree reads what looks new and keeps its octets, a slice at
 * a time, so that nobody waits long for his turn to write. Then the mirror is
 * made what the tree is, in one transaction, from what was remembered. Where
 * that was too much for memory a second walk finds it again, which reads only
 * files that have changed since or were not remembered.
 */
enum pass { PASS_KEEP, PASS_LIST };

struct seen {
	uint8_t at[16]; /* end of a mirror key, of its hash: tells apart */
};

/* A file whose octets the first walk read and kept. */
struct had {
	struct seen name; /* first, to be compared as one */
	struct mirror_stamp stamp;
	struct hash hash;
	size_t uri; /* where it begins in `uris` */
};

struct import {
	const struct import_job *job;
	struct import_result *result;
	enum pass pass;
	struct kv_txn *txn; /* reads in the first pass, writes in the second */
	struct kv_txn *slice;  /* of the first pass, when octets wait in it */
	uint32_t files, fresh; /* found; and of these, not as remembered */
	uint32_t unlisted;     /* of these, without a row */
	struct arena *arena;
	struct octets octets;
	struct seen *seen;
	size_t seen_count, seen_room;
	struct had *had;
	size_t had_count, had_room;
	struct octets uris; /* of those, each with its NUL */
};

static int64_t
nanoseconds(const struct timespec *t)
{
	int64_t ns;

	/* A time that does not fit is a stamp that never matches. */
	if (__builtin_mul_overflow((int64_t)t->tv_sec, INT64_C(1000000000),
		&ns) ||
	    __builtin_add_overflow(ns, (int64_t)t->tv_nsec, &ns)) {
		return 0;
	}
	return ns;
}

/* Of one that is not to be kept, all but its size. */
static struct mirror_stamp
stamp_of(const struct stat *st, uint64_t max_object)
{
	struct mirror_stamp stamp = {
		.mtime_ns = nanoseconds(&st->st_mtim),
		.ctime_ns = nanoseconds(&st->st_ctim),
		.inode = (uint64_t)st->st_ino,
		.octets = (uint64_t)st->st_size,
	};

	if (stamp.octets > max_object) {
		stamp.octets = MIRROR_BARE;
	}
	return stamp;
}

static bool
stamp_matches(const struct mirror_stamp *a, const struct mirror_stamp *b)
{
	return a->ctime_ns != 0 && a->mtime_ns == b->mtime_ns &&
	       a->ctime_ns == b->ctime_ns && a->inode == b->inode &&
	       a->octets == b->octets;
}

/* The file's URI in its one spelling; NULL when it has none. */
static const char *
name_file(struct import *import, const char *path)
{
	const char *text;
	struct uri uri;

	arena_reset(import->arena);
	text = uri_join(import->job->base, text_bytes(path), import->arena);
	if (uri_read(&uri, text_bytes(text), import->arena) != FAULT_NONE ||
	    strcmp(uri.text, text) != 0) {
		return NULL;
	}
	return uri.text;
}

static int
end_slice(struct import *import)
{
	int rc;

	if (import->slice == NULL) {
		return 0;
	}
	rc = kv_commit(import->slice);
	import->slice = NULL;
	return rc;
}

/* Nobody waits for what is only read. */
static int
give_way(struct import *import)
{
	return import->slice != NULL && kv_enough(import->slice)
		   ? end_slice(import)
		   : 0;
}

static struct seen
name_of(const struct mirror_key *key)
{
	struct seen name;

	memcpy(name.at, key->at + MIRROR_KEY - sizeof(name.at),
	    sizeof(name.at));
	return name;
}

static int
compare_seen(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct seen));
}

static void
sort_by_name(void *list, size_t count, size_t size)
{
	if (count > 0) {
		qsort(list, count, size, compare_seen);
	}
}

static void
remember(struct import *import, const struct mirror_key *key,
    const struct mirror_row *row)
{
	if (import->had_count == import->job->max_held) {
		return; /* the others are read twice */
	}
	import->had = array_room(import->had, import->had_count,
	    &import->had_room, sizeof(*import->had));
	import->had[import->had_count++] = (struct had){ name_of(key),
		row->stamp, row->hash, import->uris.len };
	octets_add(&import->uris, row->uri, strlen(row->uri) + 1);
}

static const struct had *
recall(const struct import *import, const struct mirror_key *key,
    const struct mirror_row *row)
{
	struct seen name = name_of(key);
	const struct had *had =
	    import->had_count == 0
		? NULL
		: bsearch(&name, import->had, import->had_count,
		      sizeof(*import->had), compare_seen);

	return had != NULL && stamp_matches(&had->stamp, &row->stamp) ? had
								      : NULL;
}

static bool
bare(const struct mirror_row *row)
{
	return row->stamp.octets == MIRROR_BARE;
}

static int
read_file(struct import *import, const struct tree_file *file,
    struct mirror_row *row)
{
	int rc = tree_read(file, &import->octets);

	if (rc == 0) {
		digest_of(octets_bytes(&import->octets), &row->hash);
	}
	return rc;
}

/* First pass: keep the octets; what names them comes in the second. */
static int
keep(struct import *import, const struct tree_file *file,
    const struct mirror_key *key, struct mirror_row *row)
{
	struct bytes octets, held;
	int rc = read_file(import, file, row);

	if (rc != 0) {
		return rc;
	}
	remember(import, key, row);
	if (bare(row) || objects_get(import->txn, &row->hash, &held) == 0) {
		return 0;
	}
	octets = octets_bytes(&import->octets);
	if (import->slice == NULL) {
		rc = kv_write_much(store_kv(import->job->store),
		    import->result->octets, &import->slice);
	}
	if (rc == 0) {
		rc = objects_put(import->slice, &row->hash, octets);
	}
	return rc == 0 ? give_way(import) : rc;
}

static int
list(struct import *import, const struct tree_file *file,
    const struct mirror_key *key, struct mirror_row *row)
{
	const struct had *had = recall(import, key, row);
	int rc = -ENOENT;

	if (had != NULL) {
		row->hash = had->hash;
		rc = bare(row) ? 0 : objects_list(import->txn, &row->hash);
	}
	if (rc == -ENOENT) {
		rc = read_file(import, file, row);
		if (rc == 0 && !bare(row)) {
			rc = objects_put(import->txn, &row->hash,
			    octets_bytes(&import->octets));
		}
	}
	return rc == 0 ? mirror_put_row(import->txn, row) : rc;
}

static void
note_seen(struct import *import, const struct mirror_key *key)
{
	import->files++;
	import->seen = array_room(import->seen, import->seen_count,
	    &import->seen_room, sizeof(*import->seen));
	import->seen[import->seen_count++] = name_of(key);
}

static int
visit(void *arg, const struct tree_file *file)
{
	struct import *import = arg;
	struct mirror_row held, row = { .number = import->job->number };
	struct mirror_key key;
	int found, rc;

	row.uri = name_file(import, file->path);
	row.stamp = stamp_of(file->st, import->job->max_object);
	if (row.uri == NULL ||
	    (uint64_t)file->st->st_size > import->job->max_file) {
		import->result->skipped++;
		return 0;
	}
	key = mirror_key(row.number, row.uri);
	found = mirror_get_row(import->txn, &key, &held, import->arena);
	if (found == 0 && stamp_matches(&held.stamp, &row.stamp) &&
	    (bare(&row) || objects_has(import->txn, &held.hash))) {
		note_seen(import, &key);
		return give_way(import);
	}
	rc = import->pass == PASS_KEEP ? keep(import, file, &key, &row)
				       : list(import, file, &key, &row);
	if (rc == -ESTALE) {
		import->result->skipped++;
		return 0;
	}
	if (rc == 0) {
		note_seen(import, &key);
		import->fresh++;
		import->unlisted += found == -ENOENT;
		import->result->octets += (uint64_t)file->st->st_size;
		import->result->added +=
		    found != 0 || !hash_equal(&held.hash, &row.hash);
	}
	return rc;
}

static int
walk(struct import *import, enum pass pass)
{
	const struct tree_limits limits = { import->job->max_files,
		import->job->max_octets, LIMIT_URI };

	*import->result = (struct import_result){ 0 };
	import->pass = pass;
	import->files = 0;
	import->fresh = 0;
	import->unlisted = 0;
	import->seen_count = 0;
	return tree_walk(import->job->dir, &limits, &import->result->skipped,
	    visit, import);
}

/* Rows in the mirror that were not seen are removed. */
static int
drop_unseen(void *arg, struct bytes key, struct bytes value)
{
	struct import *import = arg;
	struct mirror_key copy;
	struct seen name;

	(void)value;
	if (key.len != MIRROR_KEY) {
		return -EBADMSG;
	}
	memcpy(copy.at, key.at, MIRROR_KEY);
	name = name_of(&copy);
	if (import->seen_count > 0 &&
	    bsearch(&name, import->seen, import->seen_count, sizeof(name),
		compare_seen) != NULL) {
		return 0;
	}
	import->result->removed++;
	return kv_del(import->txn, KV_MIRROR, bytes_of(copy.at, MIRROR_KEY));
}

static struct bytes
mirror_prefix(const struct mirror_key *key)
{
	return bytes_of(key->at, MIRROR_KEY - HASH_SIZE);
}

/* How many rows the mirror has goes to *listed. */
static int
keep_octets(struct import *import, uint32_t *listed)
{
	int rc = kv_read(store_kv(import->job->store), &import->txn);

	if (rc != 0) {
		return rc;
	}
	rc = walk(import, PASS_KEEP);
	if (rc == 0) {
		rc = end_slice(import);
	}
	if (rc == 0) {
		rc = mirror_count(import->txn, import->job->number, listed);
	}
	kv_abort(import->slice);
	import->slice = NULL;
	kv_abort(import->txn);
	import->txn = NULL;
	return rc;
}

/* -ENOENT when the store lost octets meanwhile. */
static int
list_remembered(struct import *import)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < import->had_count; i++) {
		const struct had *had = &import->had[i];
		struct mirror_row row = { .number = import->job->number,
			.uri = (const char *)import->uris.at + had->uri,
			.hash = had->hash,
			.stamp = had->stamp };

		rc = bare(&row) ? 0 : objects_list(import->txn, &had->hash);
		if (rc == 0) {
			rc = mirror_put_row(import->txn, &row);
		}
	}
	return rc;
}

static int
list_again(struct import *import)
{
	sort_by_name(import->had, import->had_count, sizeof(*import->had));
	return walk(import, PASS_LIST);
}

static int
drop_rest(struct import *import)
{
	struct mirror_key key = mirror_key(import->job->number, "");

	sort_by_name(import->seen, import->seen_count, sizeof(*import->seen));
	return kv_each(import->txn, KV_MIRROR, mirror_prefix(&key), drop_unseen,
	    import);
}

/* One transaction, in which `fill` gives each file its row. */
static int
list_files(struct import *import, uint32_t listed,
    int (*fill)(struct import *import))
{
	int rc = kv_write_much(store_kv(import->job->store),
	    import->result->octets, &import->txn);

	if (rc != 0) {
		return rc;
	}
	rc = fill(import);
	/* Are there others? */
	if (rc == 0 && import->files != listed + import->unlisted) {
		rc = drop_rest(import);
	}
	return kv_end(import->txn, rc);
}

static int
list_all(struct import *import, uint32_t listed)
{
	int rc = -ENOENT;

	if (import->had_count == import->fresh) {
		rc = list_files(import, listed, list_remembered);
	}
	return rc == -ENOENT ? list_files(import, listed, list_again) : rc;
}

int
import_tree(const struct import_job *job, struct import_result *result)
{
	struct import import = { .job = job, .result = result };
	uint32_t listed = 0;
	int rc;

	assert(job->base[0] != '\0' && job->base[strlen(job->base) - 1] == '/');
	import.arena = arena_new();
	rc = keep_octets(&import, &listed);
	if (rc == 0 && (import.fresh > 0 || import.files != listed)) {
		rc = list_all(&import, listed);
	}
	result->objects = import.files;
	result->changed = result->added > 0 || result->removed > 0;
	if (rc != 0) {
		*result = (struct import_result){ 0 };
	}
	octets_clear(&import.octets);
	free(import.seen);
	free(import.had);
	octets_clear(&import.uris);
	arena_free(import.arena);
	return rc;
}
