/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * suspects - the publication points that may have spoken of a route: what they
 * publish now is missing, in whole or in part, and their certificate covers it.
 */
#pragma once

#include <stdbool.h>

#include "base/ip.h"
#include "output/jot.h"
#include "output/still.h"

/*
 * The members `points`, `pointsLeftOut` and `pointsUnknown`: those with the
 * narrowest resources, and what is wrong at each. A valid route lacks nothing,
 * but may owe it to a last good version: then these alone are told. `told` has
 * a flag for each finding of the report; it is set for those that were told
 * here.
 */
void suspects_put(struct jot *jot, const struct still *still,
    const struct ip_prefix *prefix, bool valid, bool *told);
