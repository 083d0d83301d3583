/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * results - remembered answers, one for each point.
 *
 * Key and encoding are validator/'s; here are octets, from when and until when
 * they hold, to which manifest they were given, how the folder looked then, and
 * a checksum.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/kv.h"

struct result {
	int64_t from, until;
	struct hash manifest;
	/* What mirror_folder() said of where the point publishes, and of how
	 * many rows at most; 0: it was not asked. */
	uint32_t most;
	struct hash folder;
	struct bytes octets; /* the answer */
};

/* -ENOENT also when now is outside [from, until] or the row is damaged: what
 * was forgotten is judged again. Lent like kv_get. */
int results_get(struct kv_txn *txn, const struct hash *key, int64_t now,
    struct result *result);
int results_put(struct kv_txn *txn, const struct hash *key,
    const struct result *result);
int results_remove(struct kv_txn *txn, const struct hash *key);

/*
 * Sweep lets go of results that were not used for its grace time. Using is
 * told apart from getting, which may happen in a read transaction: collect the
 * keys for which results_due() says so, then touch them in one batch. A put
 * counts as use.
 */
bool results_due(struct kv_txn *txn, const struct hash *key, int64_t now);
int results_touch(struct kv_txn *txn, const struct hash *key, int64_t now);

/* Until when the row under this key holds; -EBADMSG when it is damaged. For
 * sweep. */
int results_until(struct bytes key, struct bytes value, int64_t *until);
