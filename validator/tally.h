/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tally - what is counted and found on a walk, as its report says it: how trust
 * anchors, repositories and points stand, and what was wrong with them.
 *
 * Anybody can make more findings than there is room for: each CA has its quota
 * (validator/quota.h), and what is beyond it is only counted.
 */
#pragma once

#include <stdbool.h>

#include "payload/report.h"
#include "validator/walk.h"

struct tally;

/* The walk has ended, and outlives it. */
struct tally *tally_new(const struct walk *walk);
void tally_free(struct tally *tally); /* NULL is fine */

/* Did everything come whole that was asked for? */
bool tally_complete(const struct tally *tally);

/* The points of the walk, in its order: what is counted and found from here on
 * is of this one. */
void tally_point(struct tally *tally, const struct spot *spot);
void tally_count(struct tally *tally, const struct spot *spot,
    enum report_counter counter, uint64_t n);
/* Copies the texts. */
void tally_finding(struct tally *tally, const struct spot *spot,
    const struct answer_finding *finding);
/* The same, told when all is known: who gives it may have no finding of its
 * own. */
void tally_finding_later(struct tally *tally, const struct spot *spot,
    const struct answer_finding *finding);

/* All points were there: what is found from here on has room of its own. */
void tally_points_end(struct tally *tally);

/* Once, when everything was found. The report is lent, and lends from the walk;
 * what the run took is the caller's to say in it. */
struct report *tally_report(struct tally *tally);
