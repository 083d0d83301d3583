/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expire - takes out of a set what has ended since it was made. Pure.
 *
 * An item stands up to and with the second of snapshot_expires(). An ASPA that
 * was united from several and lost the first of them leaves whole, since nobody
 * can tell any more which provider came from which: its customer's routes are
 * then unknown, not invalid, until the next run.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "payload/snapshot.h"

struct expire {
	size_t gone;  /* items that were left out */
	int64_t next; /* the last second of what ends first; INT64_MAX */
};

/* A new reference: of the same set when nothing has ended. */
const struct snapshot *expire_apply(const struct snapshot *snapshot,
    int64_t now, struct expire *found);
