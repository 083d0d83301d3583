/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * objects - each octet string once, under its SHA-256.
 */
#pragma once

#include "base/bytes.h"
#include "base/hash.h"
#include "store/kv.h"

/* Lent until the transaction ends. -ENOENT; -EBADMSG when the octets no longer
 * have this hash. */
int objects_get(struct kv_txn *txn, const struct hash *hash,
    struct bytes *octets);
bool objects_has(struct kv_txn *txn, const struct hash *hash);
/* Keeps the octets, once. hash must be theirs. */
int objects_put(struct kv_txn *txn, const struct hash *hash,
    struct bytes octets);
int objects_remove(struct kv_txn *txn, const struct hash *hash);
