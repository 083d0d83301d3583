/* SPDX-License-Identifier: BSD-2-Clause */
/* ground - see ground.h. */
#include "payload/ground.h"

#include <stdio.h>
#include <string.h>

static size_t
octets_of(unsigned family)
{
	return ip_bits(family) / 8;
}

const struct report_span *
ground_holds(const struct report_ground *ground, const struct ip_prefix *prefix)
{
	uint8_t last[16];

	ip_prefix_last(prefix, last);
	for (size_t i = 0; i < ground->count; i++) {
		const struct report_span *span = &ground->spans[i];

		if (span->family == prefix->family &&
		    memcmp(span->min, prefix->address, 16) <= 0 &&
		    memcmp(span->max, last, 16) >= 0) {
			return span;
		}
	}
	return NULL;
}

unsigned
ground_narrowness(const struct report_span *span)
{
	unsigned bit = 0;

	while (bit < ip_bits(span->family) &&
	       ((span->min[bit / 8] ^ span->max[bit / 8]) & 0x80 >> bit % 8) ==
		   0) {
		bit++;
	}
	return bit;
}

void
ground_text(const struct report_span *span, char out[GROUND_TEXT])
{
	struct ip_prefix prefix = { .family = span->family,
		.length = (uint8_t)ground_narrowness(span) };
	uint8_t last[16];
	char from[IP_TEXT], to[IP_TEXT];

	memcpy(prefix.address, span->min, 16);
	ip_prefix_last(&prefix, last);
	if (ip_prefix_sane(&prefix) && memcmp(last, span->max, 16) == 0) {
		ip_prefix_text(&prefix, from);
		snprintf(out, GROUND_TEXT, "%s", from);
		return;
	}
	ip_address_text(span->min, span->family, from);
	ip_address_text(span->max, span->family, to);
	snprintf(out, GROUND_TEXT, "%s-%s", from, to);
}

void
ground_put(struct octets *out, const struct report_ground *g)
{
	octets_text(out, g->uri);
	octets_u16(out, g->ta);
	octets_u16(out, g->repository);
	octets_u8(out, (uint8_t)g->state);
	octets_u8(out, g->coarse ? 1 : 0);
	octets_u32(out, (uint32_t)g->count);
	for (size_t i = 0; i < g->count; i++) {
		const struct report_span *span = &g->spans[i];

		octets_u8(out, span->family);
		octets_add(out, span->min, octets_of(span->family));
		octets_add(out, span->max, octets_of(span->family));
	}
}

static void
read_span(struct report_span *span, struct cursor *c)
{
	span->family = cursor_u8(c);
	if (span->family != IP_V4 && span->family != IP_V6) {
		cursor_fail(c);
		return;
	}
	cursor_copy(c, span->min, octets_of(span->family));
	cursor_copy(c, span->max, octets_of(span->family));
	if (memcmp(span->min, span->max, 16) > 0) {
		cursor_fail(c);
	}
}

void
ground_read(struct report_ground *g, struct cursor *c, struct arena *arena)
{
	struct report_span *spans;

	g->uri = cursor_string(c, arena);
	g->ta = cursor_u16(c);
	g->repository = cursor_u16(c);
	g->state = (enum report_point_state)cursor_below(c, POINT_STATES);
	g->coarse = cursor_below(c, 2) == 1;
	g->count = cursor_count(c, 1 + 2 * 4);
	spans = arena_zero(arena, g->count + 1, sizeof(*spans));
	for (size_t i = 0; i < g->count && !c->bad; i++) {
		read_span(&spans[i], c);
	}
	g->spans = spans;
}
