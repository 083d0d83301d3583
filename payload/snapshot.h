/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot - one finished, unchangeable set of payload, counted by reference.
 *
 * Any thread may hold one; the last to put it back frees it. Items are sorted
 * by item.h's orders and unique.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "payload/item.h"

struct snapshot;

const struct snapshot *snapshot_get(const struct snapshot *snapshot);
void snapshot_put(const struct snapshot *snapshot); /* NULL is fine */

size_t snapshot_vrps(const struct snapshot *snapshot);
size_t snapshot_router_keys(const struct snapshot *snapshot);
size_t snapshot_aspas(const struct snapshot *snapshot);

/* Lent: lives as long as the snapshot. */
const struct vrp *snapshot_vrp(const struct snapshot *snapshot, size_t i);
const struct router_key *snapshot_router_key(const struct snapshot *snapshot,
    size_t i);
const struct aspa *snapshot_aspa(const struct snapshot *snapshot, size_t i);

/* When the item ends: the latest of its sources'. INT64_MAX: never. */
int64_t snapshot_expires(const struct snapshot *snapshot, enum item_kind kind,
    size_t i);

/* The sources of an item: how many, and the n-th, in order of TA then URI. */
size_t snapshot_sources(const struct snapshot *snapshot, enum item_kind kind,
    size_t i);
const struct source *snapshot_source(const struct snapshot *snapshot,
    enum item_kind kind, size_t i, size_t n);

/* The first source's TA name; "N/A" for exceptions. */
const char *snapshot_ta(const struct snapshot *snapshot, enum item_kind kind,
    size_t i);

size_t snapshot_ta_count(const struct snapshot *snapshot);
const char *snapshot_ta_name(const struct snapshot *snapshot, size_t ta);

/* Customers whose union passed the ceiling and were left out. */
size_t snapshot_large_aspas(const struct snapshot *snapshot);
