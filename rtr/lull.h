/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lull - holds back log lines that strangers could make without end.
 *
 * A burst may be said in each span of time; what came beyond it is counted and
 * told with the first line of the next.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct lull {
	int64_t since_ms;
	unsigned said, held;
};

enum { LULL_BURST = 20, LULL_SPAN_MS = 10000 };

/* May a line be said now? Then *held is how many were not, since the last. */
bool lull_over(struct lull *lull, int64_t now_ms, unsigned *held);
