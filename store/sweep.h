/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sweep - remove what nothing names any more, after a grace time.
 *
 * Kept: what a repository lists, what a last good manifest and its listing
 * need, remembered results that were used. Works in slices of one write
 * transaction each, so that an import need not wait.
 *
 * An object goes when two sweeps that are `grace` apart found it unlisted and
 * nobody listed it in between; in a store that is more than half full it goes
 * at once, and so does, should that not be enough, what the last run did not
 * meet: answers, repositories, and last of all last good versions. (A run that
 * did not begin at an anchor that others began at within `grace` has met too
 * little to say.) What a mirror lists and is not there any more makes its
 * repository be fetched whole again. A last good row goes when nobody asked for
 * it in three months; a month after its manifest ended its files need not stay.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "store/met.h"
#include "store/store.h"

struct sweep_report {
	uint64_t objects_removed, octets_removed, results_removed;
	uint64_t repositories_removed;
	uint64_t lastgood_removed, trees_removed;
};

/*
 * Is it time? What is kept is measured in days, and looking at all there is
 * takes as long as judging a set that did not change: so an hour after the last
 * one that came to its end, or by a clock that was set back, or when half of
 * the store's room is used. The hours of a new store begin here.
 */
bool sweep_due(struct store *store, int64_t now);

/*
 * Is `now` a time that this store has lived to, give or take some days? Whoever
 * asks what would be at another must not have removed what is needed today.
 */
bool sweep_knows(struct store *store, int64_t now);

/* Repositories not seen for `grace` seconds are forgotten. `met` is NULL where
 * no run was whole. 0 or -errno. */
int sweep_run(struct store *store, int64_t now, int64_t grace,
    const struct met *met, struct sweep_report *report, struct log *log);
