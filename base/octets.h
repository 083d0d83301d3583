/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * octets - a growing run of octets that one writer fills and owns.
 *
 * Integers are written in network order. Zero-initialise, or octets_clear().
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

struct octets {
	uint8_t *at;
	size_t len;
	size_t room;
};

void octets_clear(struct octets *o); /* frees; usable again */
void octets_reset(struct octets *o); /* empty, room kept */

/* octets_more() when there is no room: for that alone. */
uint8_t *octets_more_room(struct octets *o, size_t len);

/* Append len octets of unknown content, to be filled in by the caller: where
 * they are, until the next change. */
static inline uint8_t *
octets_more(struct octets *o, size_t len)
{
	uint8_t *at;

	if (len >= o->room - o->len) {
		return octets_more_room(o, len);
	}
	at = o->at + o->len;
	o->len += len;
	return at;
}

static inline void
octets_add(struct octets *o, const void *at, size_t len)
{
	if (len > 0) {
		memcpy(octets_more(o, len), at, len);
	}
}

/* Room for exactly so many more, so that what is large takes no more memory
 * than it needs. */
void octets_reserve(struct octets *o, size_t len);
void octets_add_bytes(struct octets *o, struct bytes more);

/* Millions of these a run: where they are called, so that each becomes a
 * comparison and a store. */
static inline void
octets_u8(struct octets *o, uint8_t value)
{
	*octets_more(o, 1) = value;
}

static inline void
octets_u16(struct octets *o, uint16_t value)
{
	const uint8_t at[] = { (uint8_t)(value >> 8), (uint8_t)value };

	memcpy(octets_more(o, sizeof(at)), at, sizeof(at));
}

static inline void
octets_u32(struct octets *o, uint32_t value)
{
	const uint8_t at[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
		(uint8_t)(value >> 8), (uint8_t)value };

	memcpy(octets_more(o, sizeof(at)), at, sizeof(at));
}

static inline void
octets_u64(struct octets *o, uint64_t value)
{
	const uint8_t at[] = { (uint8_t)(value >> 56), (uint8_t)(value >> 48),
		(uint8_t)(value >> 40), (uint8_t)(value >> 32),
		(uint8_t)(value >> 24), (uint8_t)(value >> 16),
		(uint8_t)(value >> 8), (uint8_t)value };

	memcpy(octets_more(o, sizeof(at)), at, sizeof(at));
}

/* A u32 length and then the octets; NULL text is written as length 2^32-1. */
void octets_run(struct octets *o, struct bytes run);
void octets_text(struct octets *o, const char *text);

/* Appended as printf would write it, without the NUL. */
void octets_printf(struct octets *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void octets_vprintf(struct octets *o, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static inline struct bytes
octets_bytes(const struct octets *o)
{
	return bytes_of(o->at, o->len);
}
