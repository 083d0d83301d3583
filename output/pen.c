/* SPDX-License-Identifier: BSD-2-Clause */
/* pen - see pen.h. */
#include "output/pen.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

struct pen
pen_open(struct sink sink)
{
	return (struct pen){ .sink = sink };
}

void
pen_spill(struct pen *pen)
{
	if (pen->rc == 0 && pen->buffer.len != 0) {
		pen->rc =
		    pen->sink.put(pen->sink.arg, octets_bytes(&pen->buffer));
	}
	octets_reset(&pen->buffer);
}

static void
flush_full(struct pen *pen)
{
	if (pen->buffer.len >= PEN_PIECE) {
		pen_spill(pen);
	}
}

int
pen_close(struct pen *pen)
{
	pen_spill(pen);
	octets_clear(&pen->buffer);
	return pen->rc;
}

void
pen_number(struct pen *pen, uint64_t number)
{
	char *at = (char *)octets_more(&pen->buffer, TEXT_DIGITS);
	const char *end = text_decimal(at, number);

	pen->buffer.len -= TEXT_DIGITS - (size_t)(end - at);
	flush_full(pen);
}

void
pen_prefix(struct pen *pen, const struct ip_prefix *prefix)
{
	uint8_t *at = octets_more(&pen->buffer, IP_TEXT);

	pen->buffer.len -= IP_TEXT - ip_prefix_text(prefix, (char *)at);
	flush_full(pen);
}

void
pen_json(struct pen *pen, const char *text)
{
	text_json(&pen->buffer, text_bytes(text));
	flush_full(pen);
}

void
pen_printf(struct pen *pen, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	pen_text(pen, text);
}

void
pen_time(struct pen *pen, int64_t when)
{
	char text[CLOCK_TEXT];

	clock_text(when, text);
	pen_text(pen, text);
}
