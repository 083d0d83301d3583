/* SPDX-License-Identifier: BSD-2-Clause */
/* span - see span.h. */
#include "tests/forge/span.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static unsigned
width(enum span_kind kind)
{
	return kind == SPAN_V6 ? 16 : 4;
}

void
span_clear(struct spans *s)
{
	free(s->at);
	memset(s, 0, sizeof(*s));
}

void
span_add_span(struct spans *s, const struct span *span)
{
	if (s->count == s->room) {
		s->room = s->room * 2 + 8;
		s->at = mem_grow(s->at, s->room, sizeof(*s->at));
	}
	s->at[s->count++] = *span;
}

static bool
address(uint8_t out[16], enum span_kind *kind, const char *text)
{
	*kind = strchr(text, ':') != NULL ? SPAN_V6 : SPAN_V4;
	memset(out, 0, 16);
	return inet_pton(*kind == SPAN_V6 ? AF_INET6 : AF_INET, text, out) == 1;
}

bool
span_prefix(struct span *out, unsigned *bits, const char *text)
{
	char copy[64];
	char *slash, *end;

	if (strlen(text) >= sizeof(copy)) {
		return false;
	}
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash == NULL) {
		return false;
	}
	*slash = '\0';
	*bits = (unsigned)strtoul(slash + 1, &end, 10);
	memset(out, 0, sizeof(*out));
	if (*end != '\0' || !address(out->lo, &out->kind, copy) ||
	    *bits > width(out->kind) * 8) {
		return false;
	}
	memcpy(out->hi, out->lo, 16);
	for (unsigned i = *bits; i < width(out->kind) * 8; i++) {
		out->lo[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
		out->hi[i / 8] |= (uint8_t)(0x80 >> i % 8);
	}
	return true;
}

static bool
range_of_asns(struct span *out, const char *text)
{
	char *end;
	uint32_t lo, hi;

	lo = hi = (uint32_t)strtoul(text, &end, 10);
	if (end != text && *end == '-') {
		text = strncmp(end + 1, "AS", 2) == 0 ? end + 3 : end + 1;
		hi = (uint32_t)strtoul(text, &end, 10);
	}
	memset(out, 0, sizeof(*out));
	out->kind = SPAN_AS;
	lo = htonl(lo);
	hi = htonl(hi);
	memcpy(out->lo, &lo, 4);
	memcpy(out->hi, &hi, 4);
	return *end == '\0';
}

bool
span_add(struct spans *s, const char *word)
{
	struct span span = { 0 };
	char copy[128];
	enum span_kind other;
	unsigned bits;
	char *dash;

	if (strcmp(word, "inherit") == 0) {
		s->inherit = 1 << SPAN_V4 | 1 << SPAN_V6 | 1 << SPAN_AS;
		return true;
	}
	if (strlen(word) >= sizeof(copy)) {
		return false;
	}
	strcpy(copy, word);
	dash = strchr(copy, '-');
	if (strncmp(word, "AS", 2) == 0) {
		if (!range_of_asns(&span, word + 2)) {
			return false;
		}
	} else if (strchr(word, '/') != NULL) {
		if (!span_prefix(&span, &bits, word)) {
			return false;
		}
	} else if (dash != NULL) {
		*dash = '\0';
		if (!address(span.lo, &span.kind, copy) ||
		    !address(span.hi, &other, dash + 1) || other != span.kind) {
			return false;
		}
	} else {
		return false;
	}
	span_add_span(s, &span);
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->kind != y->kind) {
		return x->kind < y->kind ? -1 : 1;
	}
	return memcmp(x->lo, y->lo, 16);
}

/* Does y begin at or before the address after x's last? */
static bool
touches(const struct span *x, const struct span *y)
{
	uint8_t next[16];
	unsigned i = width(x->kind);

	memcpy(next, x->hi, 16);
	while (i-- > 0 && ++next[i] == 0) {
	}
	if (i == UINT32_MAX) {
		return true; /* x ends at the end of the world */
	}
	return memcmp(y->lo, next, 16) <= 0;
}

void
span_settle(struct spans *s)
{
	size_t kept = 0;

	if (s->count == 0) {
		return;
	}
	qsort(s->at, s->count, sizeof(*s->at), compare);
	for (size_t i = 1; i < s->count; i++) {
		struct span *last = &s->at[kept];

		if (last->kind == s->at[i].kind && touches(last, &s->at[i])) {
			if (memcmp(s->at[i].hi, last->hi, 16) > 0) {
				memcpy(last->hi, s->at[i].hi, 16);
			}
		} else {
			s->at[++kept] = s->at[i];
		}
	}
	s->count = kept + 1;
}

unsigned
span_kinds(const struct spans *s)
{
	unsigned kinds = s->inherit;

	for (size_t i = 0; i < s->count; i++) {
		kinds |= 1U << s->at[i].kind;
	}
	return kinds;
}

static int
bit(const uint8_t *octets, unsigned i)
{
	return octets[i / 8] >> (7 - i % 8) & 1;
}

/* The length of the prefix that the span is, or -1. */
static int
prefix_length(const struct span *span)
{
	unsigned all = width(span->kind) * 8, n = 0;

	while (n < all && bit(span->lo, n) == bit(span->hi, n)) {
		n++;
	}
	for (unsigned i = n; i < all; i++) {
		if (bit(span->lo, i) != 0 || bit(span->hi, i) != 1) {
			return -1;
		}
	}
	return (int)n;
}

static void
ink_span(struct ink *k, const struct span *span)
{
	unsigned lo = width(span->kind) * 8, hi = lo;
	int length = prefix_length(span);
	struct ink_mark range;

	if (length >= 0) {
		ink_prefix(k, NULL, span->lo, (unsigned)length);
		return;
	}
	while (lo > 0 && bit(span->lo, lo - 1) == 0) {
		lo--;
	}
	while (hi > 0 && bit(span->hi, hi - 1) == 1) {
		hi--;
	}
	range = ink_open(k, INK_SEQ, NULL);
	ink_prefix(k, NULL, span->lo, lo);
	ink_prefix(k, NULL, span->hi, hi);
	ink_close(k, range);
}

static void
ink_family(struct ink *k, const struct spans *s, enum span_kind kind)
{
	struct ink_mark family, list;
	uint8_t afi[2] = { 0, (uint8_t)kind };

	if ((span_kinds(s) >> kind & 1) == 0) {
		return;
	}
	family = ink_open(k, INK_SEQ, NULL);
	ink_put(k, INK_OCTETS, NULL, bytes_of(afi, 2));
	if ((s->inherit >> kind & 1) != 0) {
		ink_put(k, INK_NULL, NULL, bytes_of("", 0));
	} else {
		list = ink_open(k, INK_SEQ, NULL);
		for (size_t i = 0; i < s->count; i++) {
			if (s->at[i].kind == kind) {
				ink_span(k, &s->at[i]);
			}
		}
		ink_close(k, list);
	}
	ink_close(k, family);
}

void
span_ink_ips(struct ink *k, const char *name, const struct spans *s)
{
	struct ink_mark blocks = ink_open(k, INK_SEQ, name);

	ink_family(k, s, SPAN_V4);
	ink_family(k, s, SPAN_V6);
	ink_close(k, blocks);
}

static void
ink_asn(struct ink *k, const struct span *span)
{
	struct ink_mark range;

	if (memcmp(span->lo, span->hi, 4) == 0) {
		ink_big(k, NULL, bytes_of(span->lo, 4));
		return;
	}
	range = ink_open(k, INK_SEQ, NULL);
	ink_big(k, NULL, bytes_of(span->lo, 4));
	ink_big(k, NULL, bytes_of(span->hi, 4));
	ink_close(k, range);
}

void
span_ink_asns(struct ink *k, const char *name, const struct spans *s)
{
	struct ink_mark ids = ink_open(k, INK_SEQ, name);
	struct ink_mark asnum = ink_open(k, INK_CTX, NULL), list;

	if ((s->inherit >> SPAN_AS & 1) != 0) {
		ink_put(k, INK_NULL, NULL, bytes_of("", 0));
	} else {
		list = ink_open(k, INK_SEQ, NULL);
		for (size_t i = 0; i < s->count; i++) {
			if (s->at[i].kind == SPAN_AS) {
				ink_asn(k, &s->at[i]);
			}
		}
		ink_close(k, list);
	}
	ink_close(k, asnum);
	ink_close(k, ids);
}
