/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dispatch - which repository is fetched next, so that nobody starves.
 *
 * Fetchers block, so their places are shared out: half of them are only for
 * repositories that answered last time; newcomers and failing ones have the
 * rest, however many they are; and no host has more than a few at once.
 * Part of the walk, on its thread.
 */
#pragma once

#include "validator/walk.h"

/* This repository is to be fetched, as soon as it is its turn. */
void dispatch_add(struct walk *walk, struct repo *repo);

/* A fetcher has come back from it: the next may go. */
void dispatch_done(struct walk *walk, struct repo *repo);

/* Nobody whose turn has not come will be fetched in this run. */
void dispatch_drop(struct walk *walk);
