/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * descent - from a CA to its children, and so down the tree.
 *
 * Part of the walk, on its thread: what is remembered of a point is taken at
 * once, the rest goes to the judges.
 */
#pragma once

#include "validator/walk.h"

/* A new spot of the walk; parent NULL: of an anchor. */
struct spot *descent_spot(struct walk *walk, const struct ca *ca,
    struct spot *parent);

/* A judge has come back. */
void descent_done(struct walk *walk, struct point_result *result);

/* Go on with what is ready; did anything come of it at once? */
bool descent_go(struct walk *walk);
