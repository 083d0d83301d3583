/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recall - the answer of a point to which nothing happened.
 *
 * Neither the manifest nor anything it lists is read: the folder's rows in the
 * mirror are as they were when all that the manifest lists was found in them,
 * and it is one of them. That is so cheap that it is not worth a judge's way to
 * and fro. Belongs to one thread.
 */
#pragma once

#include "validator/point.h"

struct recall;

struct recall *recall_new(const struct point_court *court);
void recall_free(struct recall *recall); /* NULL is fine */

/* NULL: it is to be judged. The caller frees. */
struct point_result *recall_point(struct recall *recall,
    const struct point_job *job);

/* Let go of the store. What is asked next sees it as it is then. */
void recall_rest(struct recall *recall);
