/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * results - remembered answers, under the digest of all that went into them.
 *
 * The encoding is validator/'s; here are octets, from when and until when
 * they hold, and a checksum.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/kv.h"

/* -ENOENT also when now is outside [from, until]. Lent like kv_get. */
int results_get(struct kv_txn *txn, const struct hash *inputs, int64_t now,
    struct bytes *octets);
int results_put(struct kv_txn *txn, const struct hash *inputs, int64_t from,
    int64_t until, struct bytes octets);
