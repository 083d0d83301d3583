/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * used - on which day was a row last of use? So that sweep can let go of what
 * nobody asks for any more.
 *
 * A mark of its own beside the row, a few octets long and written at most once
 * a day, since a busy run uses tens of thousands of rows. A row without a mark
 * gets one from the first sweep that meets it.
 */
#pragma once

#include <stdint.h>

#include "store/kv.h"

/* Would used_touch() write? Lets readers collect what a writer then marks. */
bool used_due(struct kv_txn *txn, enum kv_table table, struct bytes key,
    int64_t now);
int used_touch(struct kv_txn *txn, enum kv_table table, struct bytes key,
    int64_t now);
/* The end of the day of the mark, in seconds. -ENOENT: no mark. */
int used_last(struct kv_txn *txn, enum kv_table table, struct bytes key,
    int64_t *when);
/* No mark is fine. */
int used_forget(struct kv_txn *txn, enum kv_table table, struct bytes key);
