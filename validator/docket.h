/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * docket - points that are ready to be judged, in an order that is fair.
 *
 * Judges get a few at a time; which, decides what each branch of the tree has
 * cost so far (validator/turn.h). Part of the walk, on its thread.
 */
#pragma once

#include "validator/walk.h"

/* A spot that is new to the walk; its parent must be in it. */
void docket_enter(struct walk *walk, struct spot *spot);

/* It is ready. */
void docket_add(struct spot *spot);

/* Hand to judges as many as they have room for. Those on branches or at hosts
 * that have had their time are not judged: each is given to `late` instead,
 * with the fault. */
typedef void docket_late_fn(struct walk *walk, struct spot *spot,
    enum fault fault);
void docket_call(struct walk *walk, docket_late_fn *late);

/* A judge is done with it. */
void docket_done(struct walk *walk, const struct point_result *result);
