/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pending - what points of which nothing was heard yet may go on saying. Pure.
 *
 * A set that goes out before all have answered is without newcomers. Where one
 * has taken the place of another CA, with a new key and in another repository,
 * what that one said is gone from the set, and routes could turn invalid that
 * the newcomer is about to speak for. So what was served of the addresses and
 * AS numbers that its certificate covers stays, up to its own end, until a set
 * that waited for it.
 *
 * Of an ASPA nobody knows which provider came from which source any more. So it
 * stays only where each of its sources does, or stands in the fresh one.
 */
#pragma once

#include <stdint.h>

#include "payload/report.h"
#include "payload/snapshot.h"

/* A new reference: to the fresh set itself when nothing stays. */
const struct snapshot *pending_keep(const struct snapshot *fresh,
    const struct snapshot *before, const struct report *report, int64_t now);
