/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place - which repository a point waits for, and when it need wait no more.
 *
 * RRDP when the CA names a notification, else the rsync module it lies in; a
 * repository is asked for once a run, when the first point needs it. Part of
 * the walk, on its thread.
 */
#pragma once

#include "validator/walk.h"

/* Let the point wait for its repository, or hand it to the judges at once. */
void place_spot(struct walk *walk, struct spot *spot);

/* Hand all that wait for this repository to the judges. */
void place_release(struct walk *walk, struct repo *repo);

/* Go on without those that dispatch refused. */
void place_refused(struct walk *walk);

/* It was kept out of our own network, and who may lead there has asked since:
 * true, and it is fetched once more. */
bool place_anew(struct walk *walk, struct repo *repo,
    const struct fetcher_result *result);

/* The RRDP repository failed: what waits for it tries rsync instead. */
void place_by_rsync(struct walk *walk, struct repo *repo);
