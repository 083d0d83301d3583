/* SPDX-License-Identifier: BSD-2-Clause */
/* array - see array.h. Rooms double, so that adding is cheap on average. */
#include "base/array.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { ROOM_FIRST = 8 };

void *
array_room(void *items, size_t count, size_t *room, size_t size)
{
	size_t more;
	uint8_t *grown;

	assert(count <= *room && size > 0);
	if (count < *room) {
		return items;
	}
	if (*room > SIZE_MAX / 2 / size) {
		abort();
	}
	more = *room == 0 ? ROOM_FIRST : *room * 2;
	grown = mem_grow(items, more, size);
	memset(grown + *room * size, 0, (more - *room) * size);
	*room = more;
	return grown;
}

int
array_by_u32(const void *left, const void *right)
{
	const uint32_t *a = left;
	const uint32_t *b = right;

	return (*a > *b) - (*a < *b);
}

int
array_by_u64(const void *left, const void *right)
{
	const uint64_t *a = left;
	const uint64_t *b = right;

	return (*a > *b) - (*a < *b);
}
