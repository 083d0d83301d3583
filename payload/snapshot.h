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
#include "payload/sources.h"

struct snapshot;

const struct snapshot *snapshot_get(const struct snapshot *snapshot);
void snapshot_put(const struct snapshot *snapshot); /* NULL is fine */

size_t snapshot_count(const struct snapshot *snapshot, enum item_kind kind);
size_t snapshot_vrps(const struct snapshot *snapshot);
size_t snapshot_router_keys(const struct snapshot *snapshot);
size_t snapshot_aspas(const struct snapshot *snapshot);

/* Lent: lives as long as the snapshot. */
const struct vrp *snapshot_vrp(const struct snapshot *snapshot, size_t i);
const struct router_key *snapshot_router_key(const struct snapshot *snapshot,
    size_t i);
const struct aspa *snapshot_aspa(const struct snapshot *snapshot, size_t i);

/* The struct of its kind. */
const void *snapshot_item(const struct snapshot *snapshot, enum item_kind kind,
    size_t i);

/* Where an item that compares equal is; SIZE_MAX: nowhere. NULL is the empty
 * set. */
size_t snapshot_find(const struct snapshot *snapshot, enum item_kind kind,
    const void *item);

/*
 * When the item ends; INT64_MAX: never. A VRP or router key stands as long as
 * one of its sources does: the latest. An ASPA changes as soon as the first of
 * those it was united from ends: the earliest.
 */
int64_t snapshot_expires(const struct snapshot *snapshot, enum item_kind kind,
    size_t i);

/*
 * The sources of an item: how many (at least one), and the n-th, in order of TA
 * then URI. They are kept packed: what comes back is lent until the room is
 * used again.
 */
size_t snapshot_sources(const struct snapshot *snapshot, enum item_kind kind,
    size_t i);
const struct source *snapshot_source(const struct snapshot *snapshot,
    enum item_kind kind, size_t i, size_t n, struct source_room *room);

/* All sources there are, by number; and the number of an item's n-th. */
const struct sources *snapshot_book(const struct snapshot *snapshot);
uint32_t snapshot_source_number(const struct snapshot *snapshot,
    enum item_kind kind, size_t i, size_t n);

/* Is this one of the item's sources, by its URI and object? */
bool snapshot_has_source(const struct snapshot *snapshot, enum item_kind kind,
    size_t i, const struct source *source);

/* Items of two sets by item.h's order of their kind. */
int snapshot_compare(const struct snapshot *a, size_t i,
    const struct snapshot *b, size_t j, enum item_kind kind);

/* The first source's TA name; "N/A" for exceptions. */
const char *snapshot_ta(const struct snapshot *snapshot, enum item_kind kind,
    size_t i);

/* Of two sets with the same items: has each item the same one in both? */
bool snapshot_same_tas(const struct snapshot *a, const struct snapshot *b);

size_t snapshot_ta_count(const struct snapshot *snapshot);
const char *snapshot_ta_name(const struct snapshot *snapshot, size_t ta);

/* Customers whose union passed the ceiling and were left out. */
size_t snapshot_large_aspas(const struct snapshot *snapshot);

/* Items given to the builder that were not sane and were left out. */
size_t snapshot_insane(const struct snapshot *snapshot);

/*
 * What a builder hands over: items sorted, unique and sane. of[kind][i] is the
 * number of item i's only source, or SNAPSHOT_MANY with the place in `lists`
 * where a count and that many numbers stand.
 */
#define SNAPSHOT_MANY 0x80000000u

struct snapshot_parts {
	struct sources *sources; /* sealed */
	char **tas;
	size_t ta_count;
	size_t counts[ITEM_KINDS];
	struct vrp *vrps;
	struct router_key *keys; /* spki points into spkis */
	struct aspa *aspas;      /* providers points into providers */
	uint8_t *spkis;
	uint32_t *providers;
	uint32_t *of[ITEM_KINDS];
	uint32_t *lists;
	size_t large_aspas, insane;
};

/* Takes everything in parts; returns the first reference. */
const struct snapshot *snapshot_take(const struct snapshot_parts *parts);
