/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ground - which addresses the certificate of a point covers of which
 * something is missing: any of them may have been spoken of there.
 */
#pragma once

#include "base/cursor.h"
#include "base/ip.h"
#include "payload/report.h"

/* The range that holds the whole prefix; NULL: none does, and no VRP from
 * there can cover it. */
const struct report_span *ground_holds(const struct report_ground *ground,
    const struct ip_prefix *prefix);

/* How many bits all addresses of the range have in common. */
unsigned ground_narrowness(const struct report_span *span);

/* "10.0.0.0/8", or "10.0.0.0-10.2.255.255". */
enum { GROUND_TEXT = 2 * IP_TEXT };
void ground_text(const struct report_span *span, char out[GROUND_TEXT]);

/* As a part of a report; a broken one fails the cursor. */
void ground_put(struct octets *out, const struct report_ground *ground);
void ground_read(struct report_ground *ground, struct cursor *c,
    struct arena *arena);
