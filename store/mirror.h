/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mirror - what each repository publishes now: URI to hash.
 *
 * Each repository has a namespace of its own: none publishes for another.
 */
#pragma once

#include "base/hash.h"
#include "store/kv.h"

/* -ENOENT when this repository publishes no such URI. */
int mirror_find(struct kv_txn *txn, uint32_t number, const char *uri,
    struct hash *hash);
int mirror_put(struct kv_txn *txn, uint32_t number, const char *uri,
    const struct hash *hash);
int mirror_remove(struct kv_txn *txn, uint32_t number, const char *uri);
int mirror_clear(struct kv_txn *txn, uint32_t number);
typedef int mirror_each_fn(void *arg, const char *uri,
    const struct hash *hash);
int mirror_each(struct kv_txn *txn, uint32_t number, mirror_each_fn *each,
    void *arg);
