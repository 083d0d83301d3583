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

#include "base/arena.h"
#include "base/bytes.h"

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool bad;
};

struct cursor cursor_open(struct bytes input);
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
struct bytes cursor_take(struct cursor *c, size_t len); /* lent */
struct bytes cursor_run(struct cursor *c);              /* u32 length first */

/* A run as NUL-ended text in the arena; NULL for what octets_text(NULL) wrote.
 * A NUL inside marks the cursor bad. */
char *cursor_text(struct cursor *c, struct arena *arena);

/* A count that is at most what the rest could hold at `each` octets a piece. */
size_t cursor_count(struct cursor *c, size_t each);

static inline size_t
cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

void cursor_fail(struct cursor *c);

/* True when everything was read and nothing went wrong. */
bool cursor_end(const struct cursor *c);
