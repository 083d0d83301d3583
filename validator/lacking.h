/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lacking - the points of which something is missing, with the addresses that
 * their certificates cover: whoever asks why nothing is said of an address is
 * told who may have. And all together that those cover who are waited for: what
 * was served of it is not gone yet.
 */
#pragma once

#include "base/arena.h"
#include "payload/report.h"
#include "validator/walk.h"

/* Fills in the report's grounds, those first of which nothing was taken: from
 * the walk, and from the report's findings, whose points are the walk's own
 * texts. The table is the caller's to free, its ranges are in the arena, as are
 * those of what is awaited. */
void lacking_collect(struct report *report, const struct walk *walk,
    struct arena *arena);
