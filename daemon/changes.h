/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * changes - what a delta says, as lines for people and scripts:
 *
 *	+ AS64496 192.0.2.0/24-26
 *	- key AS64496 SKI SPKI
 *	+ aspa AS64496 AS64497 AS64498
 */
#pragma once

#include "base/octets.h"
#include "payload/delta.h"
#include "payload/filter.h"

/* Only what the filter selects; NULL: everything. */
void changes_print(struct octets *out, const struct delta *delta,
    const struct filter *filter);
