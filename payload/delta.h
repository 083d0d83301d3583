/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delta - what changed between two snapshots, net: nothing that is the same at
 * both ends appears. Sealed and counted by reference, as snapshots are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "payload/snapshot.h"

enum delta_action { DELTA_WITHDRAW, DELTA_ANNOUNCE, DELTA_ACTIONS };

/*
 * An ASPA replaces the one its customer had, so a change is one row: what was
 * and what is. A count of 0 says "none".
 */
struct delta_aspa {
	struct aspa before, after;
};

struct delta;

/* From one snapshot to the next; NULL stands for the empty one. */
const struct delta *delta_new(const struct snapshot *from,
    const struct snapshot *to);

/* Two that follow on each other as one. */
const struct delta *delta_merge(const struct delta *first,
    const struct delta *second);

/* Any number that follow on each other, oldest first; each a reference. */
struct delta_path {
	const struct delta **at; /* owned; NULL: there is no path */
	size_t count;
};
void delta_path_clear(struct delta_path *path);
/* All of them as one, by halves, so that a change is not copied once for each
 * that follows. */
const struct delta *delta_path_merge(const struct delta_path *path);

const struct delta *delta_get(const struct delta *delta);
void delta_put(const struct delta *delta); /* NULL is fine */

bool delta_empty(const struct delta *delta);

/* Of ASPAs: rows with an `after` announce, those without withdraw. */
size_t delta_count(const struct delta *delta, enum item_kind kind,
    enum delta_action action);

/* Lent: live as long as the delta; in the order of item.h. */
const struct vrp *delta_vrp(const struct delta *delta, enum delta_action action,
    size_t i);
const struct router_key *delta_router_key(const struct delta *delta,
    enum delta_action action, size_t i);

/* All changes of ASPAs, of both actions, by customer. */
size_t delta_aspas(const struct delta *delta);
const struct delta_aspa *delta_aspa(const struct delta *delta, size_t i);
