/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guard - keeps a trust anchor's payload from collapsing because fetches fail.
 *
 * The engine already lets a point stand with its last good version when its
 * repository cannot be reached. What it cannot help is that it has no such
 * version: a cache that was lost or set aside while the network is down, a
 * trust anchor certificate that can be had from nowhere, a repository that is
 * gone. Then routers would lose routes by the thousand. A server still knows
 * the set it published last, and this module decides what of it stays. Pure.
 *
 * What counts as lost by failure is said in payload/losses.h: what a valid
 * newer manifest withdrew or revoked never comes back, nor what has expired.
 *
 * Where a trust anchor lost more than `drop` percent of its items that way,
 * its lost items are held. It ends when nothing is lost any more, when the
 * operator accepts the loss, or after `time`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "payload/losses.h"

struct guard_config {
	unsigned drop; /* percent; 0: the guard is off */
	int64_t time;  /* seconds for which it holds at most */
};

/* What it remembers of one trust anchor. */
struct guard_anchor {
	char *name;    /* owned */
	int64_t since; /* when it began to hold; 0: it does not */
	uint64_t held; /* items in the set that stand by it alone */
	uint64_t lost; /* by failure in runs before, and not held */
	bool accepted; /* the present loss is not held */
};

struct guard {
	size_t anchor_count, anchor_room;
	struct guard_anchor *anchors;
	/* Paths above what is held, where the last run did not see them. */
	size_t link_count;
	struct lineage_link *links; /* by name */
};

void guard_clear(struct guard *guard); /* zero it at first */
void guard_copy(struct guard *to, const struct guard *from);

/* For keeping over a restart. A memory that cannot be read is none. */
void guard_encode(struct octets *out, const struct guard *guard);
bool guard_decode(struct guard *guard, struct bytes in);

/* NULL when nothing is remembered of it. */
const struct guard_anchor *guard_find(const struct guard *guard,
    const char *anchor);
bool guard_holds(const struct guard *guard); /* for any trust anchor */

/* From the next run on the loss stands. False when none is held. */
bool guard_accept(struct guard *guard, const char *anchor);

enum guard_event {
	GUARD_QUIET,     /* nothing was lost by failure, or too little */
	GUARD_BEGINS,    /* it holds from now on */
	GUARD_HOLDS,     /* it goes on holding */
	GUARD_RECOVERED, /* nothing is lost any more */
	GUARD_ACCEPTED,  /* the operator said so */
	GUARD_EXPIRED,   /* it held for long enough */
};

/*
 * What to publish of a run: a new reference, to the fresh set itself when
 * nothing is held. The memory is brought up to date, and it gives the paths;
 * `before` of the case may be NULL. events has a place for each trust anchor of
 * the report.
 */
const struct snapshot *guard_apply(struct guard *guard,
    const struct guard_config *config, const struct losses_case *run,
    enum guard_event *events);
