/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * meta - trust anchor certificates that were believed, and small marks.
 */
#pragma once

#include "base/bytes.h"
#include "base/hash.h"
#include "store/kv.h"

/* All values are lent like kv_get()'s. -ENOENT; -EBADMSG when damaged, which
 * the next put heals. */

/* The kept TA certificate for the key whose SPKI hashes to *spki. */
int meta_ta_get(struct kv_txn *txn, const struct hash *spki,
    struct bytes *certificate);
int meta_ta_put(struct kv_txn *txn, const struct hash *spki,
    struct bytes certificate);

/* Has a run from this anchor ended that waited for all of its repositories?
 * 0, and the end of the day on which one last did. */
int meta_ta_settled(struct kv_txn *txn, const struct hash *spki, int64_t *when);
int meta_ta_settle(struct kv_txn *txn, const struct hash *spki, int64_t now);

/* Each of these, with that time. A non-zero return of `each` ends it and is
 * returned. */
typedef int meta_ta_fn(void *arg, const struct hash *spki, int64_t when);
int meta_ta_each(struct kv_txn *txn, meta_ta_fn *each, void *arg);

/* Any small value by name, of at most META_NAME octets. */
enum { META_NAME = 64 };
int meta_get(struct kv_txn *txn, const char *name, struct bytes *value);
int meta_put(struct kv_txn *txn, const char *name, struct bytes value);
