/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ward - what is not looked at in this run, because engines died of it.
 *
 * Filled from the black box of those that died and from the quarantine that the
 * store keeps; what is in it is tried again by another version of kedge, after
 * a day, or when an operator releases it.
 */
#pragma once

#include "base/log.h"
#include "base/octets.h"
#include "store/blackbox.h"
#include "store/quarantine.h"
#include "store/store.h"
#include "validator/span.h"

struct ward;

/* Take in the culprits, and read what is there. Never NULL: a store that cannot
 * be read gives an empty one. */
struct ward *ward_new(struct store *store, const struct blackbox_past *past,
    int64_t now, struct log *log);
void ward_free(struct ward *ward); /* NULL is fine */

/* While nothing enters it or leaves it of itself. */
struct span ward_span(const struct ward *ward);

bool ward_has(const struct ward *ward, enum quarantine_kind kind,
    const struct hash *name);

/* A line for each row of the store's table. */
void ward_list(struct store *store, int64_t now, struct octets *out);

/* Release what has this name (hash or URI), or all. How many; -errno. */
int ward_release(struct store *store, const char *name);
