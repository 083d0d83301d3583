/* SPDX-License-Identifier: BSD-2-Clause */
/* heap - see heap.h. */
#include "daemon/heap.h"

#include <malloc.h>

enum {
	LARGE = 256 * 1024,
	ARENAS = 2, /* each keeps its own leavings */
};

void
heap_settle(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
	(void)mallopt(M_ARENA_MAX, ARENAS);
}
