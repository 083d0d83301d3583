/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * span - the time at which something is judged, and how long the answer holds.
 *
 * Every comparison with the clock goes through span_reached(). It remembers
 * the nearest moments at which a comparison would have come out differently,
 * so that an answer may be kept for exactly as long as it would be given again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct span {
	int64_t now;
	int64_t from, until; /* both inside */
};

static inline struct span
span_at(int64_t now)
{
	return (
	    struct span){ .now = now, .from = INT64_MIN, .until = INT64_MAX };
}

/* An answer that is part of this one holds from then until then. */
static inline void
span_within(struct span *span, int64_t from, int64_t until)
{
	span->from = span->from < from ? from : span->from;
	span->until = span->until > until ? until : span->until;
}

/* Is it `when` by now, or later? */
static inline bool
span_reached(struct span *span, int64_t when)
{
	if (span->now >= when) {
		span->from = span->from < when ? when : span->from;
		return true;
	}
	span->until = span->until >= when ? when - 1 : span->until;
	return false;
}
