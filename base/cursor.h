/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cursor - a sticky, bounds-checked reader of what octets.h writes.
 *
 * The first read past the end marks the cursor bad; from then on every read
 * gives zero. Look once, at the end, with cursor_end().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool bad;
};

struct cursor cursor_open(struct bytes input);
void cursor_fail(struct cursor *c);

static inline size_t
cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/*
 * The next octets as they stand: nothing is copied when they are not there. A
 * cursor that is bad has nothing left. Inline, since a size that is known where
 * it is called makes it a load and a store.
 */
static inline void
cursor_copy(struct cursor *c, void *into, size_t size)
{
	if (size > cursor_left(c)) {
		cursor_fail(c);
		return;
	}
	memcpy(into, c->at, size);
	c->at += size;
}

static inline uint8_t
cursor_u8(struct cursor *c)
{
	uint8_t value = 0;

	cursor_copy(c, &value, sizeof(value));
	return value;
}

static inline uint16_t
cursor_u16(struct cursor *c)
{
	uint8_t at[2] = { 0 };

	cursor_copy(c, at, sizeof(at));
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t
cursor_u32(struct cursor *c)
{
	uint8_t at[4] = { 0 };

	cursor_copy(c, at, sizeof(at));
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

static inline uint64_t
cursor_u64(struct cursor *c)
{
	uint8_t at[8] = { 0 };

	cursor_copy(c, at, sizeof(at));
	return (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 |
	       (uint64_t)at[2] << 40 | (uint64_t)at[3] << 32 |
	       (uint64_t)at[4] << 24 | (uint64_t)at[5] << 16 |
	       (uint64_t)at[6] << 8 | at[7];
}

struct bytes cursor_take(struct cursor *c, size_t len); /* lent */
struct bytes cursor_run(struct cursor *c);              /* u32 length first */

/* A run as NUL-ended text in the arena; NULL for what octets_text(NULL) wrote.
 * A NUL inside marks the cursor bad. */
char *cursor_text(struct cursor *c, struct arena *arena);

/* A text that must be there: never NULL, "" when it is not. */
const char *cursor_string(struct cursor *c, struct arena *arena);

/* An octet that must be below `end`, such as an enum's. */
unsigned cursor_below(struct cursor *c, unsigned end);

/* A count that is at most what the rest could hold at `each` octets a piece. */
size_t cursor_count(struct cursor *c, size_t each);

/* True when everything was read and nothing went wrong. */
bool cursor_end(const struct cursor *c);
