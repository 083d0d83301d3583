/* SPDX-License-Identifier: BSD-2-Clause */
/* lull - see lull.h. */
#include "rtr/lull.h"

bool
lull_over(struct lull *lull, int64_t now_ms, unsigned *held)
{
	if (lull->said == 0 || now_ms - lull->since_ms >= LULL_SPAN_MS) {
		lull->since_ms = now_ms;
		lull->said = 0;
	}
	if (lull->said >= LULL_BURST) {
		lull->held++;
		return false;
	}
	*held = lull->held;
	lull->held = 0;
	lull->said++;
	return true;
}
