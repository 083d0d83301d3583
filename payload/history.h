/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * history - the current set, its serial, and how it came to be what it is.
 *
 * Serials count sets that differ (RFC 8210 5.1); they wrap and are compared
 * as RFC 1982 says. The deltas between the last few serials are kept, so that
 * a client which is not too far behind is told only what changed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "payload/delta.h"
#include "payload/snapshot.h"

struct history;

/* An empty history whose first set will have `serial`. */
struct history *history_new(uint32_t serial, unsigned keep);
void history_free(struct history *history); /* NULL is fine */

/* Keep as many deltas from now on; what is too much goes. */
void history_keep(struct history *history, unsigned keep);

/* Takes the reference. True when the set differs from the one before, or is
 * the first: there is a new serial. */
bool history_push(struct history *history, const struct snapshot *fresh);

/*
 * The same where the delta from the current set to the fresh one was found
 * before, by another thread; takes both references. The delta of a first set is
 * NULL.
 */
bool history_advance(struct history *history, const struct snapshot *fresh,
    const struct delta *delta);

/* Put back what was kept over a restart: a set and the deltas that led to it,
 * oldest first, one a serial. Takes the references. */
void history_restore(struct history *history, const struct snapshot *current,
    const struct delta *const *deltas, size_t count);

const struct snapshot *history_current(const struct history *history);
uint32_t history_serial(const struct history *history);
/* The serial from which the kept deltas reach the current one. */
uint32_t history_oldest(const struct history *history);

/* The way from `serial` to the current set; without `at` when that serial is
 * not within [oldest, serial]. Merging it may take long: that is for a worker
 * to do. */
struct delta_path history_path(const struct history *history, uint32_t serial);

/* What changed after `serial`, as one delta; a reference, or NULL. */
const struct delta *history_since(const struct history *history,
    uint32_t serial);

/* The kept deltas, oldest first; lent. */
size_t history_deltas(const struct history *history);
const struct delta *history_delta(const struct history *history, size_t i);
