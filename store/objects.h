/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * objects - each octet string once, under its SHA-256.
 *
 * An object that nothing lists is removed by sweep after a grace time. So who
 * lists a hash in a mirror calls objects_put() or objects_list() for it in the
 * same transaction: that ends the grace time, should it have begun.
 */
#pragma once

#include "base/bytes.h"
#include "base/hash.h"
#include "store/kv.h"

/*
 * Lent until the transaction ends. -ENOENT; -EBADMSG when the octets no longer
 * have this hash: then objects_remove() it and repository_refetch() whoever
 * listed it (sweep does so for what is not there), and the next fetch heals it.
 */
int objects_get(struct kv_txn *txn, const struct hash *hash,
    struct bytes *octets);
/* Is there a row? Does not look at the octets. */
bool objects_has(struct kv_txn *txn, const struct hash *hash);

/* Keeps the octets, once; octets found damaged are replaced. hash must be
 * theirs. */
int objects_put(struct kv_txn *txn, const struct hash *hash,
    struct bytes octets);
/*
 * For much that a later transaction is to list: until then nothing lists it, as
 * since `now`. Should nobody ever, objects_take_back() removes what has not
 * been listed since, whoever put it.
 */
int objects_put_early(struct kv_txn *txn, const struct hash *hash,
    struct bytes octets, int64_t now);
int objects_take_back(struct kv_txn *txn, const struct hash *hash, int64_t now);
/* What was put before is listed again. -ENOENT. */
int objects_list(struct kv_txn *txn, const struct hash *hash);
int objects_remove(struct kv_txn *txn, const struct hash *hash);

/*
 * For sweep. The row of one object, which does not need its octets: how many
 * they are and since when nothing lists them (0: listed as far as known).
 */
struct objects_row {
	uint32_t octets;
	int64_t unlisted;
};
/* From the value in the table `hash`; -EBADMSG. */
int objects_read(struct bytes value, struct objects_row *row);
int objects_unlist(struct kv_txn *txn, const struct hash *hash, int64_t now);
/* Remove octets that no row leads to: what damage left behind. Looks at every
 * row, so do it only when the two tables differ in number. */
int objects_reconcile(struct kv_txn *txn, uint64_t *removed);
