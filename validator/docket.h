/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * docket - points that are ready to be judged, in an order that is fair.
 *
 * Judges get a few at a time, and fewer where they are dear; which, decides
 * what each branch of the tree has cost so far (validator/turn.h). Part of the
 * walk, on its thread.
 */
#pragma once

#include "validator/walk.h"

/* A spot that is new to the walk; its parent must be in it. */
void docket_enter(struct walk *walk, struct spot *spot);

/* It is ready. */
void docket_add(struct spot *spot);

/* Whose turn it is, while judges have room. NULL: nobody's. */
struct spot *docket_next(struct walk *walk);

/* FAULT_NONE: its branch and its host still have time for it. */
enum fault docket_fault(const struct walk *walk, const struct spot *spot);

/* What judging it is about. */
struct point_job docket_job(struct spot *spot);

/* It goes to a judge, who comes back with a result. */
void docket_judge(struct walk *walk, struct spot *spot);
void docket_done(struct walk *walk, const struct point_result *result);

/* Its answer is there, from a judge or remembered. */
void docket_answered(struct spot *spot);

/* It took so much of a processor. */
void docket_charge(struct walk *walk, struct spot *spot, uint64_t us);
