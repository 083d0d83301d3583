/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * branch - the path from a CA up to its trust anchor, and what each CA on it
 * has taken of its share. Part of the walk, on its thread.
 */
#pragma once

#include "validator/walk.h"

/* May the CA take so much more, by its own share and by those of all above? */
enum fault branch_fault(const struct walk *walk, const struct spot *spot,
    const struct share *more);

/* It has taken so much more. NULL is fine. */
void branch_charge(struct spot *spot, const struct share *more);

/* It is the same CA in a later round: what it may fetch is for the whole run.
 */
void branch_go_on(struct spot *spot, const struct spot *before);

/* The lowest CA above both, or one of them; NULL below different anchors. */
struct spot *branch_fork(struct spot *a, struct spot *b);
