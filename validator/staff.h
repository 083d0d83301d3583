/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * staff - the threads of a run: those that fetch and those that judge.
 */
#pragma once

#include "validator/point.h"
#include "validator/walk.h"

/* Start both pools of the walk, as many as its policy says. Court and desk are
 * lent until all have been let go. */
void staff_start(struct walk *walk, struct point_court *court,
    struct fetcher_desk *desk);

/*
 * Let them go. A fetcher may be in the middle of a wait of minutes: then
 * walk->fetchers stays, and the process ends without it. The store is safe at
 * any instant.
 */
void staff_dismiss(struct walk *walk);
