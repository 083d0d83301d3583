/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kv - the door to LMDB: tables of octets, transactions, a budget.
 *
 * Any number of read transactions beside one writer. Machine errors come back
 * as -errno; LMDB's own as -ENOSPC (map full), -EBADMSG (damaged), -EIO.
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
	KV_TABLES
};

enum kv_mode { KV_READ_WRITE, KV_READ_ONLY };

struct kv;
struct kv_txn;

int kv_open(struct kv **kv, const char *dir, uint64_t map_octets,
    enum kv_mode mode);
void kv_close(struct kv *kv);

int kv_read(struct kv *kv, struct kv_txn **txn);
int kv_write(struct kv *kv, struct kv_txn **txn); /* waits for its turn */
int kv_commit(struct kv_txn *txn);		  /* ends it in any case */
void kv_abort(struct kv_txn *txn);		  /* NULL is fine */

/* Lent until the transaction ends or the same table is written. -ENOENT. */
int kv_get(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct bytes *value);
int kv_put(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct bytes value);
int kv_append(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct bytes value); /* key is above all others */
int kv_del(struct kv_txn *txn, enum kv_table table, struct bytes key);

/* Entries whose key begins with prefix, in order; a non-zero return of `each`
 * ends the walk and is returned. */
typedef int kv_each_fn(void *arg, struct bytes key, struct bytes value);
int kv_each(struct kv_txn *txn, enum kv_table table, struct bytes prefix,
    kv_each_fn *each, void *arg);
int kv_del_prefix(struct kv_txn *txn, enum kv_table table,
    struct bytes prefix);

struct kv_usage {
	uint64_t used, map;
	uint64_t entries[KV_TABLES];
};
int kv_usage(struct kv *kv, struct kv_usage *out);
