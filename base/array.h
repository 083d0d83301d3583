/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * array - room for one more: growth for typed arrays; and the order of numbers
 * in them.
 *
 *	items = array_room(items, count, &room, sizeof(*items));
 *	items[count++] = item;
 */
#pragma once

#include <stddef.h>

/*
 * An array of at least count + 1 items: the old one, or a larger copy of it
 * with the new part zeroed. *room is how many items fit and is updated.
 */
void *array_room(void *items, size_t count, size_t *room, size_t size);

/* For qsort() and bsearch(): uint32_t, and uint64_t, ascending. */
int array_by_u32(const void *left, const void *right);
int array_by_u64(const void *left, const void *right);
