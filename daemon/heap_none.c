/* SPDX-License-Identifier: BSD-2-Clause */
/* heap - see heap.h. */
#include "daemon/heap.h"

void
heap_settle(void)
{
}
