/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * heap - how the C library is to keep memory in a process that runs for years.
 *
 * Sets come and go by the hundred megabytes. Left to itself, glibc soon takes
 * such blocks from its heap, where whatever small thing is allocated after them
 * keeps them from going back to the system.
 */
#pragma once

/* What is large is mapped for itself and given back at once. Before the first
 * thread. Nothing where the C library has no such knobs. */
void heap_settle(void);
