/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kv - the door to LMDB: tables of octets, transactions, a budget.
 *
 * Any number of read transactions beside one writer. Machine errors come back
 * as -errno; LMDB's own as -ENOSPC (budget or disk full), -EBADMSG (damaged or
 * foreign), -ELOOP (a symbolic link stands where the database should), -EIO.
 *
 * The budget is soft by design: puts are refused once it is used up, deletes
 * are not, since deleting is how room is made and takes pages of its own. A
 * process that is killed loses nothing that kv_commit() reported; a machine
 * that loses power may lose the last commit as a whole, never a part of one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum kv_table {
	KV_META,
	KV_OBJECT,
	KV_HASH,
	KV_MIRROR,
	KV_REPOSITORY,
	KV_LASTGOOD,
	KV_RESULT,
	KV_QUARANTINE,
	KV_USED,
	KV_TABLES
};

enum kv_mode { KV_READ_WRITE, KV_READ_ONLY };

enum { KV_KEY = 511 }; /* longest key, in octets */

struct kv;
struct kv_txn;

/*
 * Open the database in dir, making it for KV_READ_WRITE; -ENOENT when it is
 * not there for KV_READ_ONLY. A reader that may not write the lock file reads
 * without registering: what it sees may change under it while a run goes on,
 * and shows as -EBADMSG.
 */
int kv_open(struct kv **kv, const char *dir, uint64_t map_octets,
    enum kv_mode mode);
void kv_close(struct kv *kv); /* no transaction may be open; NULL is fine */

/* A write transaction belongs to the thread that began it, one at a time. */
int kv_read(struct kv *kv, struct kv_txn **txn);
int kv_write(struct kv *kv, struct kv_txn **txn); /* waits for its turn */
/*
 * The same for who writes so many octets, in this transaction and others that
 * belong to it: whoever writes less goes first. It is to be ended, and another
 * to be begun, when kv_enough(): it has written much, or one waits who writes
 * less in all.
 */
int kv_write_much(struct kv *kv, uint64_t octets, struct kv_txn **txn);
bool kv_enough(const struct kv_txn *txn);
/* Octets that the budget had left when this transaction began. */
uint64_t kv_room(const struct kv_txn *txn);
/* Ends it in any case. After a put or delete failed it tells that failure and
 * leaves the old state. */
int kv_commit(struct kv_txn *txn);
void kv_abort(struct kv_txn *txn); /* NULL is fine */
/* Commits when what was done in it gave 0, else aborts. 0 or -errno. */
int kv_end(struct kv_txn *txn, int rc);

/* Lent until the transaction ends or the same table is written. -ENOENT. */
int kv_get(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct bytes *value);
int kv_put(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct bytes value);
int kv_append(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct bytes value); /* key is above all others */
int kv_del(struct kv_txn *txn, enum kv_table table, struct bytes key);

/* The first entry whose key is `from` or above; lent like kv_get(). -ENOENT. */
int kv_seek(struct kv_txn *txn, enum kv_table table, struct bytes from,
    struct bytes *key, struct bytes *value);
/* The last key of a table. -ENOENT when it is empty. */
int kv_last(struct kv_txn *txn, enum kv_table table, struct bytes *key);

/* Entries whose key begins with prefix, in order; a non-zero return of `each`
 * ends the walk and is returned. `each` may write and delete, the entry it was
 * called with included; key and value are lent until it does. */
typedef int kv_each_fn(void *arg, struct bytes key, struct bytes value);
int kv_each(struct kv_txn *txn, enum kv_table table, struct bytes prefix,
    kv_each_fn *each, void *arg);
int kv_del_prefix(struct kv_txn *txn, enum kv_table table, struct bytes prefix);

/* Which state of which file this is. Two that are equal hold the same rows:
 * also where another file was put in its place, which may have seen as many
 * commits. */
struct kv_state {
	uint64_t commit;
	uint64_t device, inode, octets;
	int64_t changed_s, changed_ns;
};
/* -EIO: something could not be read, and what was found out need not be what
 * the rows say. */
int kv_state(struct kv *kv, struct kv_state *out);

struct kv_usage {
	uint64_t used, map; /* octets in use, and the budget */
	uint64_t entries[KV_TABLES];
};
int kv_usage(struct kv *kv, struct kv_usage *out);
