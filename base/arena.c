/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arena - a list of blocks; the first is being filled from its front, the
 * others are full or hold one large piece each.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

/* Blocks grow from FIRST to MOST, so that small jobs stay small. */
enum { ROOM_FIRST = 16 * 1024, ROOM_MOST = 256 * 1024 };

struct block {
	struct block *next;
	size_t used;
	size_t room;
	alignas(max_align_t) uint8_t data[];
};

struct arena {
	struct block *first;
	size_t room; /* of the next block */
};

static struct block *
block_new(size_t room)
{
	struct block *b = mem_grow(NULL, 1, sizeof(*b) + room);

	b->next = NULL;
	b->used = 0;
	b->room = room;
	return b;
}

struct arena *
arena_new(void)
{
	struct arena *arena = mem_zero(1, sizeof(*arena));

	arena->room = ROOM_FIRST;
	return arena;
}

static void
free_blocks(struct block *b)
{
	while (b != NULL) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
}

void
arena_free(struct arena *arena)
{
	if (arena != NULL) {
		free_blocks(arena->first);
		free(arena);
	}
}

void
arena_reset(struct arena *arena)
{
	struct block *keep = arena->first;

	if (keep == NULL) {
		return;
	}
	free_blocks(keep->next);
	keep->next = NULL;
	keep->used = 0;
}

/* A block with room for need octets; large pieces get their own, behind the
 * one being filled, whose rest stays of use. */
static struct block *
block_for(struct arena *arena, size_t need)
{
	struct block *first = arena->first;
	struct block *b;

	if (first != NULL && first->room - first->used >= need) {
		return first;
	}
	if (first != NULL && need > arena->room / 4) {
		b = block_new(need);
		b->next = first->next;
		first->next = b;
		return b;
	}
	b = block_new(need > arena->room ? need : arena->room);
	b->next = first;
	arena->first = b;
	if (arena->room < ROOM_MOST) {
		arena->room *= 2;
	}
	return b;
}

/* Memory of unknown content. */
static void *
hand_out(struct arena *arena, size_t size)
{
	size_t align = alignof(max_align_t);
	struct block *b;
	void *p;

	if (size > SIZE_MAX / 2) {
		abort();
	}
	size = (size + align - 1) / align * align;
	b = block_for(arena, size);
	p = b->data + b->used;
	b->used += size;
	return p;
}

void *
arena_zero(struct arena *arena, size_t count, size_t size)
{
	size_t need;
	void *p;

	if (__builtin_mul_overflow(count, size, &need)) {
		abort();
	}
	p = hand_out(arena, need);
	memset(p, 0, need);
	return p;
}

struct bytes
arena_copy(struct arena *arena, struct bytes octets)
{
	uint8_t *p = hand_out(arena, octets.len);

	if (octets.len > 0) {
		memcpy(p, octets.at, octets.len);
	}
	return bytes_of(p, octets.len);
}

char *
arena_text(struct arena *arena, const char *text)
{
	size_t size;

	if (text == NULL) {
		return NULL;
	}
	size = strlen(text) + 1;
	return memcpy(hand_out(arena, size), text, size);
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *text;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	assert(len >= 0);
	text = hand_out(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}
