/* SPDX-License-Identifier: BSD-2-Clause */
/* arena - a list of blocks, each filled from the front. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

enum { BLOCK_ROOM = 16 * 1024 };

struct block {
	struct block *next;
	size_t used;
	size_t room;
	alignas(max_align_t) uint8_t data[];
};

struct arena {
	struct block *first;
};

static struct block *
block_new(size_t room)
{
	struct block *b = mem_zero(1, sizeof(*b) + room);

	b->room = room;
	return b;
}

struct arena *
arena_new(void)
{
	return mem_zero(1, sizeof(struct arena));
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL) {
		return;
	}
	while (arena->first != NULL) {
		struct block *b = arena->first;

		arena->first = b->next;
		free(b);
	}
	free(arena);
}

void *
arena_zero(struct arena *arena, size_t count, size_t size)
{
	size_t align = alignof(max_align_t);
	size_t need;
	struct block *b = arena->first;
	void *p;

	if (__builtin_mul_overflow(count, size, &need) || need > SIZE_MAX / 2) {
		abort();
	}
	need = (need + align - 1) / align * align;
	if (b == NULL || b->room - b->used < need) {
		b = block_new(need > BLOCK_ROOM ? need : BLOCK_ROOM);
		b->next = arena->first;
		arena->first = b;
	}
	p = b->data + b->used;
	b->used += need;
	return p;
}
