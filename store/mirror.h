/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mirror - what each repository publishes now: URI to hash.
 *
 * Each repository has a namespace of its own: none publishes for another. A
 * row that cannot be read is -EBADMSG from mirror_find(); putting or removing
 * its URI heals it.
 */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "store/kv.h"

/* -ENOENT when this repository publishes no such URI. */
int mirror_find(struct kv_txn *txn, uint32_t number, const char *uri,
    struct hash *hash);
/*
 * A digest of all that stands in the folder of this URI, at most `most` rows:
 * while it is the same, so is what mirror_find() says of each URI there. -E2BIG
 * when there are more; -EBADMSG when one cannot be read.
 */
int mirror_folder(struct kv_txn *txn, uint32_t number, const char *uri,
    uint32_t most, struct hash *sum);
/*
 * The same, keeping the rows to look them up without the tree; lent until the
 * transaction ends.
 */
struct mirror_shelf {
	size_t count;
	struct mirror_file *files; /* by key, as they stand */
	struct hash sum;
};
int mirror_shelf(struct kv_txn *txn, uint32_t number, const char *uri,
    uint32_t most, struct mirror_shelf *shelf, struct arena *arena);
/* As mirror_find(), of a URI in that folder. */
int mirror_shelf_find(const struct mirror_shelf *shelf, const char *uri,
    struct hash *hash);
/* The object itself is put, or said to be listed, in the same transaction:
 * objects.h says why. */
int mirror_put(struct kv_txn *txn, uint32_t number, const char *uri,
    const struct hash *hash);
/* The same of what is larger than max_object: nobody is to miss its octets. */
int mirror_put_bare(struct kv_txn *txn, uint32_t number, const char *uri,
    const struct hash *hash, uint64_t max_object);
/* Is the row there, and of an object that was too large to be kept? False also
 * where it might not be under this ceiling, which was a lower one then. */
bool mirror_bare(struct kv_txn *txn, uint32_t number, const char *uri,
    uint64_t max_object);
int mirror_remove(struct kv_txn *txn, uint32_t number, const char *uri);
int mirror_clear(struct kv_txn *txn, uint32_t number);

/* 1: it has no row at all, be it a damaged one; 0; -errno. */
int mirror_empty(struct kv_txn *txn, uint32_t number);
/* How many rows it has, damaged ones too. */
int mirror_count(struct kv_txn *txn, uint32_t number, uint32_t *count);

/* Rows that cannot be read are passed over; a non-zero return of `each` ends
 * the walk and is returned. */
typedef int mirror_each_fn(void *arg, const char *uri, const struct hash *hash);
int mirror_each(struct kv_txn *txn, uint32_t number, mirror_each_fn *each,
    void *arg);

/* How the file looked on disk when it was read; all zero: not from a file;
 * MIRROR_BARE octets: too large to be kept, and where it is not from a file the
 * inode is the ceiling that it was above. */
#define MIRROR_BARE UINT64_MAX
struct mirror_stamp {
	int64_t mtime_ns, ctime_ns;
	uint64_t inode, octets;
};

struct mirror_row {
	uint32_t number;
	const char *uri;
	struct hash hash;
	struct mirror_stamp stamp;
};

enum { MIRROR_KEY = 4 + HASH_SIZE };
struct mirror_key {
	uint8_t at[MIRROR_KEY];
};

/* For import and sweep, which know rows. */
struct mirror_key mirror_key(uint32_t number, const char *uri);
int mirror_get_row(struct kv_txn *txn, const struct mirror_key *key,
    struct mirror_row *row, struct arena *arena);
int mirror_put_row(struct kv_txn *txn, const struct mirror_row *row);
/* -EBADMSG, with row->number right if the key has the right length. */
int mirror_read(struct bytes key, struct bytes value, struct mirror_row *row,
    struct arena *arena);
/* Remove this repository's rows that cannot be read. */
int mirror_mend(struct kv_txn *txn, uint32_t number);
