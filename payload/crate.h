/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crate - a delta packed as octets, to be kept over a restart.
 *
 * What is inside are records of payload/wire.h. The reader believes nothing:
 * octets that are not a crate cost no more than the answer NULL.
 */
#pragma once

#include "payload/delta.h"
#include "payload/wire.h"

/*
 * With `to`, the set it leads to, what is announced carries its sources along;
 * without (NULL), it has one that says nothing.
 */
void crate_put(struct octets *out, const struct delta *delta,
    const struct snapshot *to);

/*
 * The delta, or NULL; and unless `news` is NULL a set of what it announces,
 * with sources as they were put.
 */
const struct delta *crate_read(struct bytes in, const struct snapshot **news);

/* What a set becomes by a delta and its news; a new reference. */
const struct snapshot *crate_apply(const struct snapshot *from,
    const struct delta *delta, const struct snapshot *news);
