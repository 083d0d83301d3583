/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rations - what one host name has given in a run, and to which branch.
 *
 * However many CAs of however many trust anchors lead to it, a host has its
 * share of the run; and of that a CA with all below it has half of what its
 * issuer has, so that nobody uses up a host by naming it. Part of the walk, on
 * its thread.
 */
#pragma once

#include "validator/share.h"

struct rations;
struct repo;
struct spot;
struct walk;

struct rations *rations_new(void);
void rations_free(struct rations *rations); /* NULL is fine */

/* Fetches from this repository's host that are under way; `one` more, or one
 * less (-1). */
size_t rations_going(const struct rations *rations, const struct repo *repo);
void rations_count(struct rations *rations, const struct repo *repo, int one);

/* May the host give so much more, and to this branch? */
enum fault rations_fault(const struct walk *walk, const struct repo *repo,
    const struct spot *spot, const struct share *more);

/* It has given so much more to this branch. */
void rations_charge(struct walk *walk, const struct repo *repo,
    const struct spot *spot, const struct share *more);

/* All is judged anew: what judging took is forgotten. */
void rations_new_round(struct rations *rations);
