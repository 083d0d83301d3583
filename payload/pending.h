/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pending - what points of which nothing was heard yet may go on saying. Pure.
 *
 * A set that goes out before all have answered is without newcomers. Where one
 * has taken the place of another CA, with a new key and in another repository,
 * what that one said is gone from the set, and routes could turn invalid that
 * the newcomer is about to speak for. So VRPs within the addresses that its
 * certificate covers stay as they were served, up to their own end, until a set
 * that waited for it. ASPAs and router keys go: no addresses tell whose they
 * are.
 */
#pragma once

#include <stdint.h>

#include "payload/report.h"
#include "payload/snapshot.h"

/* A new reference: to the fresh set itself when nothing stays. */
const struct snapshot *pending_keep(const struct snapshot *fresh,
    const struct snapshot *before, const struct report *report, int64_t now);
