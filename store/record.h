/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record - how rows with an encoding of ours stand in the store.
 *
 *	format (1 octet)  checksum (8)  body
 *
 * The checksum (base/checksum.h) is over table, format, key and body: pages
 * carry none, and a row that strayed to another key is as bad as a flipped bit.
 */
#pragma once

#include "base/bytes.h"
#include "base/cursor.h"
#include "base/hash.h"
#include "base/octets.h"
#include "store/kv.h"

enum { RECORD_HEAD = 9 };

/* Begin a row: octets_*() then append the body. */
void record_begin(struct octets *row, uint8_t format);
/* All of the body is there: fill in the checksum. */
void record_seal(struct octets *row, enum kv_table table, struct bytes key);

/* A cursor over the body, lent like value. -EBADMSG: not a row of this table,
 * key and format. */
int record_open(struct cursor *body, enum kv_table table, uint8_t format,
    const struct bytes row[2]);

/* Get and open at once; the cursor lives like kv_get()'s value. */
int record_get(struct kv_txn *txn, enum kv_table table, uint8_t format,
    struct bytes key, struct cursor *body);
/* Seal, put and free what `row` holds. */
int record_put(struct kv_txn *txn, enum kv_table table, struct bytes key,
    struct octets *row);

void record_hash(struct octets *row, const struct hash *hash);
struct hash record_take_hash(struct cursor *body);
