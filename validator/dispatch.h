/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dispatch - which repository is fetched next, so that nobody starves.
 *
 * Fetchers block, so their places are shared out: half of them are only for
 * repositories that answered last time; newcomers and failing ones have the
 * rest, however many they are; and no host has more than a few at once. A CA
 * with all below it has at most half of the places that its issuer may have,
 * and of the CAs that wait, the one with the fewest fetches under way goes
 * first. Part of the walk, on its thread.
 */
#pragma once

#include "validator/walk.h"

/* What its branch must still be allowed when it is asked for. */
struct share dispatch_share(const struct repo *repo);

/* This repository is to be fetched, as soon as it is its turn. */
void dispatch_add(struct walk *walk, struct repo *repo);

/* Its turn has come: its branch or its host may have had their octets since it
 * was added. FAULT_NONE: it may go. */
enum fault dispatch_refusal(const struct walk *walk, const struct repo *repo);

/* A fetcher has come back from it: the next may go. Those whose branch or host
 * has had its share meanwhile are put into walk->refused, with the fault. */
void dispatch_done(struct walk *walk, struct repo *repo);

/* Nobody whose turn has not come will be fetched in this run. */
void dispatch_drop(struct walk *walk);
