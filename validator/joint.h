/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * joint - where a second path leads to a point that was met before.
 *
 * A point is judged once, however many certificates lead to its CA. But what it
 * publishes holds as long as any of these paths does: else a set would lose,
 * with the end of the first path, what the next run finds by another.
 */
#pragma once

#include "validator/walk.h"

/* From `parent`, whose point holds until `stale`, to the spot of its child. */
void joint_note(struct walk *walk, struct spot *spot, struct spot *parent,
    int64_t stale);
/* Give every spot the tenure of the path that holds longest. */
void joint_settle(struct walk *walk);
