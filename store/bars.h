/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bars - what each CA is held to: the newest manifest believed of its key.
 *
 * One key may be certified for any number of points, and what bars older
 * manifests at one of them may have been believed at any other. Looked for at
 * each point, that would be work for the square of their number: here it is
 * looked for once for each key in a run. Several threads may ask.
 */
#pragma once

#include "store/lastgood.h"

struct bars;

struct bars *bars_new(void);
void bars_free(struct bars *bars); /* NULL is fine */

/* Of all rows of this CA key, whatever their URIs, the one that was issued last
 * (RFC 9981), without its files. With bars NULL it is looked for each time.
 * -ENOENT. */
int bars_newest(struct bars *bars, struct kv_txn *txn, const struct keyid *ca,
    struct lastgood *row, struct arena *arena);
/* What a point is held to, and falls back on, whose manifest is at `uri`: the
 * newest, but its own of two points side by side. Without its files. */
int bars_find(struct bars *bars, struct kv_txn *txn, const struct keyid *ca,
    const char *uri, struct lastgood *row, struct arena *arena);
/* lastgood_put() of a row that is none older than the one it replaces; nobody
 * may put any by another way meanwhile. */
int bars_put(struct bars *bars, struct kv_txn *txn, const struct keyid *ca,
    const struct lastgood *row);
