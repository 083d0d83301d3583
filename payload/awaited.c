/* SPDX-License-Identifier: BSD-2-Clause */
/* awaited - see awaited.h. */
#include "payload/awaited.h"

#include <string.h>

enum { ADDRESS = 16, SPAN_OCTETS = 1 + 2 * ADDRESS };

static int
order(const struct report_span *a, const struct report_span *b)
{
	return a->family != b->family ? (int)a->family - (int)b->family
				      : memcmp(a->min, b->min, ADDRESS);
}

/* The last range that begins where this one does, or before, ends it too? */
static bool
holds(const struct report_awaited *awaited, const struct report_span *wanted)
{
	const struct report_span *last;
	size_t low = 0, high = awaited->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order(&awaited->spans[middle], wanted) <= 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == 0) {
		return false;
	}
	last = &awaited->spans[low - 1];
	return last->family == wanted->family &&
	       memcmp(last->max, wanted->max, ADDRESS) >= 0;
}

bool
awaited_prefix(const struct report_awaited *awaited,
    const struct ip_prefix *prefix)
{
	struct report_span wanted = { .family = prefix->family };

	memcpy(wanted.min, prefix->address, ADDRESS);
	ip_prefix_last(prefix, wanted.max);
	return holds(awaited, &wanted);
}

void
awaited_write_asn(uint8_t out[16], uint32_t asn)
{
	memset(out, 0, ADDRESS);
	for (unsigned i = 0; i < sizeof(asn); i++) {
		out[i] = (uint8_t)(asn >> 8 * (sizeof(asn) - 1 - i));
	}
}

bool
awaited_asn(const struct report_awaited *awaited, uint32_t asn)
{
	struct report_span wanted = { .family = REPORT_SPAN_AS };

	awaited_write_asn(wanted.min, asn);
	awaited_write_asn(wanted.max, asn);
	return holds(awaited, &wanted);
}

void
awaited_put(struct octets *out, const struct report_awaited *awaited)
{
	octets_u32(out, (uint32_t)awaited->count);
	for (size_t i = 0; i < awaited->count; i++) {
		const struct report_span *span = &awaited->spans[i];

		octets_u8(out, span->family);
		octets_add(out, span->min, ADDRESS);
		octets_add(out, span->max, ADDRESS);
	}
}

static void
read_span(struct report_span *span, struct cursor *c)
{
	struct bytes min, max;

	span->family = (uint8_t)cursor_below(c, REPORT_SPAN_AS + 1);
	min = cursor_take(c, ADDRESS);
	max = cursor_take(c, ADDRESS);
	if (!c->bad) {
		memcpy(span->min, min.at, ADDRESS);
		memcpy(span->max, max.at, ADDRESS);
	}
}

void
awaited_read(struct report_awaited *awaited, struct cursor *c,
    struct arena *arena)
{
	struct report_span *spans;

	awaited->count = cursor_count(c, SPAN_OCTETS);
	spans = arena_zero(arena, awaited->count + 1, sizeof(*spans));
	for (size_t i = 0; i < awaited->count && !c->bad; i++) {
		read_span(&spans[i], c);
	}
	awaited->spans = spans;
}
