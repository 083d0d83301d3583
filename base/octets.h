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

#include "base/bytes.h"

struct octets {
	uint8_t *at;
	size_t len;
	size_t room;
};

void octets_clear(struct octets *o); /* frees; usable again */
void octets_reset(struct octets *o); /* empty, room kept */
void octets_add(struct octets *o, const void *at, size_t len);

/* Append len octets of unknown content, to be filled in by the caller: where
 * they are, until the next change. */
uint8_t *octets_more(struct octets *o, size_t len);
/* Room for exactly so many more, so that what is large takes no more memory
 * than it needs. */
void octets_reserve(struct octets *o, size_t len);
void octets_add_bytes(struct octets *o, struct bytes more);
void octets_u8(struct octets *o, uint8_t value);
void octets_u16(struct octets *o, uint16_t value);
void octets_u32(struct octets *o, uint32_t value);
void octets_u64(struct octets *o, uint64_t value);

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
