/* SPDX-License-Identifier: BSD-2-Clause */
/* octets - see octets.h. */
#include "base/octets.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { ROOM_FIRST = 64 };

void
octets_clear(struct octets *o)
{
	free(o->at);
	*o = (struct octets){ 0 };
}

void
octets_reset(struct octets *o)
{
	o->len = 0;
}

void
octets_reserve(struct octets *o, size_t len)
{
	if (len > o->room - o->len) {
		if (len > SIZE_MAX - o->len) {
			abort();
		}
		o->room = o->len + len;
		o->at = mem_grow(o->at, o->room, 1);
	}
}

uint8_t *
octets_more_room(struct octets *o, size_t len)
{
	uint8_t *at;

	if (len > o->room - o->len) {
		size_t room = o->room == 0 ? ROOM_FIRST : o->room;

		if (len > SIZE_MAX / 4 || o->len > SIZE_MAX / 4) {
			abort();
		}
		while (room - o->len < len) {
			room *= 2;
		}
		o->at = mem_grow(o->at, room, 1);
		o->room = room;
	}
	if (o->at == NULL) {
		o->at = mem_grow(NULL, ROOM_FIRST, 1);
		o->room = ROOM_FIRST;
	}
	at = o->at + o->len;
	o->len += len;
	return at;
}

void
octets_add_bytes(struct octets *o, struct bytes more)
{
	octets_add(o, more.at, more.len);
}

void
octets_run(struct octets *o, struct bytes run)
{
	assert(run.len < UINT32_MAX);
	octets_u32(o, (uint32_t)run.len);
	octets_add_bytes(o, run);
}

void
octets_text(struct octets *o, const char *text)
{
	if (text == NULL) {
		octets_u32(o, UINT32_MAX);
	} else {
		octets_run(o, bytes_of(text, strlen(text)));
	}
}

void
octets_vprintf(struct octets *o, const char *format, va_list args)
{
	va_list again;
	size_t room;
	int len;

	va_copy(again, args);
	/* Most pieces are short: try in the room there is, then make room. */
	(void)octets_more(o, ROOM_FIRST);
	o->len -= ROOM_FIRST;
	room = o->room - o->len;
	len = vsnprintf((char *)o->at + o->len, room, format, args);
	assert(len >= 0);
	if ((size_t)len >= room) {
		uint8_t *at = octets_more(o, (size_t)len + 1);

		vsnprintf((char *)at, (size_t)len + 1, format, again);
		o->len -= (size_t)len + 1;
	}
	o->len += (size_t)len;
	va_end(again);
}

void
octets_printf(struct octets *o, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	octets_vprintf(o, format, args);
	va_end(args);
}
