/* SPDX-License-Identifier: BSD-2-Clause */
/* ink - see ink.h. */
#include "tests/forge/ink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

void
ink_clear(struct ink *k)
{
	free(k->at);
	k->at = NULL;
	k->len = k->room = 0;
}

static void
insert(struct ink *k, size_t where, const void *at, size_t len)
{
	if (k->len + len > k->room) {
		k->room = (k->len + len) * 2 + 256;
		k->at = mem_grow(k->at, k->room, 1);
	}
	if (k->len > where) {
		memmove(k->at + where + len, k->at + where, k->len - where);
	}
	if (len > 0) {
		memcpy(k->at + where, at, len);
	}
	k->len += len;
}

void
ink_raw(struct ink *k, const void *at, size_t len)
{
	insert(k, k->len, at, len);
}

/* Tag and shortest length of a content of len octets; how many octets. */
static size_t
header(uint8_t out[6], uint8_t tag, size_t len)
{
	size_t n = 0;

	out[n++] = tag;
	if (len < 0x80) {
		out[n++] = (uint8_t)len;
		return n;
	}
	if (len > 0xffffff) {
		out[n++] = 0x84;
		out[n++] = (uint8_t)(len >> 24);
		out[n++] = (uint8_t)(len >> 16);
		out[n++] = (uint8_t)(len >> 8);
	} else if (len > 0xffff) {
		out[n++] = 0x83;
		out[n++] = (uint8_t)(len >> 16);
		out[n++] = (uint8_t)(len >> 8);
	} else if (len > 0xff) {
		out[n++] = 0x82;
		out[n++] = (uint8_t)(len >> 8);
	} else {
		out[n++] = 0x81;
	}
	out[n++] = (uint8_t)len;
	return n;
}

/* How many octets of tag and length stand before the content at `at`. */
static size_t
header_size(const uint8_t *at)
{
	return at[1] < 0x80 ? 2 : 2 + (size_t)(at[1] & 0x7f);
}

static size_t
whole_size(const uint8_t *at)
{
	size_t len = at[1];

	if (at[1] >= 0x80) {
		len = 0;
		for (size_t i = 0; i < (size_t)(at[1] & 0x7f); i++) {
			len = len << 8 | at[2 + i];
		}
	}
	return header_size(at) + len;
}

static void
swap_children(struct ink *k, size_t at, size_t head)
{
	uint8_t *first = k->at + at + head;
	size_t one, two;
	uint8_t *copy;

	if (k->len <= at + head) {
		return;
	}
	one = whole_size(first);
	if (at + head + one >= k->len) {
		return;
	}
	two = whole_size(first + one);
	copy = mem_copy(first, one);
	memmove(first, first + one, two);
	memcpy(first + two, copy, one);
	free(copy);
}

/* The header of the element at `at` is rewritten for what follows it. */
static void
rewrite_header(struct ink *k, size_t at, size_t old_head)
{
	uint8_t head[6];
	size_t content = k->len - at - old_head;
	size_t n = header(head, k->at[at], content);

	memmove(k->at + at, k->at + at + old_head, content);
	k->len -= old_head;
	insert(k, at, head, n);
}

static void
lengthen(struct ink *k, size_t at, size_t head, enum edit_how how)
{
	size_t len = k->len - at - head;
	uint8_t form[6] = { 0x84, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
		(uint8_t)(len >> 8), (uint8_t)len };

	memmove(k->at + at + 1, k->at + at + head, len);
	k->len -= head - 1;
	if (how == EDIT_LONG) {
		insert(k, at + 1, form, 5);
		return;
	}
	insert(k, at + 1, "\x80", 1);
	ink_raw(k, "\0\0", 2);
}

static void
apply(struct ink *k, size_t at, const struct edit *edit)
{
	size_t head = k->len > at ? header_size(k->at + at) : 0;
	struct bytes v = edit->value;
	uint8_t *copy;

	if (k->len == at && edit->how != EDIT_SET) {
		return; /* dropped before */
	}
	switch (edit->how) {
	case EDIT_SET:
		k->len = at;
		ink_raw(k, v.at, v.len);
		break;
	case EDIT_DROP:
		k->len = at;
		break;
	case EDIT_BEFORE:
		insert(k, at, v.at, v.len);
		break;
	case EDIT_AFTER:
		ink_raw(k, v.at, v.len);
		break;
	case EDIT_INSIDE:
		k->len = at + head;
		ink_raw(k, v.at, v.len);
		rewrite_header(k, at, head);
		break;
	case EDIT_APPEND:
		ink_raw(k, v.at, v.len);
		rewrite_header(k, at, head);
		break;
	case EDIT_TAG:
		k->at[at] = v.len > 0 ? v.at[0] : 0;
		break;
	case EDIT_FLIP:
		k->at[k->len - 1] ^= 1;
		break;
	case EDIT_TWICE:
		copy = mem_copy(k->at + at, k->len - at);
		ink_raw(k, copy, k->len - at);
		free(copy);
		break;
	case EDIT_SWAP:
		swap_children(k, at, head);
		break;
	case EDIT_LONG:
	case EDIT_INDEFINITE:
		lengthen(k, at, head, edit->how);
		break;
	}
}

static bool
named(const struct ink *k, const char *name, const char *field)
{
	size_t n = k->prefix == NULL ? 0 : strlen(k->prefix);

	return strncmp(field, n == 0 ? "" : k->prefix, n) == 0 &&
	       strcmp(field + n, name) == 0;
}

struct ink_mark
ink_open(struct ink *k, uint8_t tag, const char *name)
{
	return (struct ink_mark){ .at = k->len, .name = name, .tag = tag };
}

void
ink_close(struct ink *k, struct ink_mark mark)
{
	uint8_t head[6];
	size_t n = header(head, mark.tag, k->len - mark.at);

	insert(k, mark.at, head, n);
	if (mark.name == NULL) {
		return;
	}
	for (const struct edit *e = k->edits; e != NULL; e = e->next) {
		if (named(k, mark.name, e->field)) {
			apply(k, mark.at, e);
		}
	}
}

void
ink_put(struct ink *k, uint8_t tag, const char *name, struct bytes content)
{
	struct ink_mark mark = ink_open(k, tag, name);

	ink_raw(k, content.at, content.len);
	ink_close(k, mark);
}

void
ink_der(struct ink *k, const char *name, struct bytes element)
{
	size_t head = header_size(element.at);

	ink_put(k, element.at[0], name,
	    bytes_of(element.at + head, element.len - head));
}

void
ink_text(struct ink *k, uint8_t tag, const char *name, const char *text)
{
	ink_put(k, tag, name, bytes_of(text, strlen(text)));
}

void
ink_big(struct ink *k, const char *name, struct bytes number)
{
	struct ink_mark mark = ink_open(k, INK_INT, name);

	while (number.len > 1 && number.at[0] == 0) {
		number = bytes_of(number.at + 1, number.len - 1);
	}
	if (number.len == 0 || (number.at[0] & 0x80) != 0) {
		ink_raw(k, "", 1);
	}
	ink_raw(k, number.at, number.len);
	ink_close(k, mark);
}

void
ink_uint(struct ink *k, const char *name, uint64_t value)
{
	uint8_t octets[8];

	for (size_t i = 0; i < 8; i++) {
		octets[i] = (uint8_t)(value >> (56 - 8 * i));
	}
	ink_big(k, name, bytes_of(octets, 8));
}

static void
arc(struct ink *k, unsigned long value)
{
	uint8_t octets[10];
	size_t n = sizeof(octets);

	octets[--n] = value & 0x7f;
	while ((value >>= 7) != 0) {
		octets[--n] = (uint8_t)(value & 0x7f) | 0x80;
	}
	ink_raw(k, octets + n, sizeof(octets) - n);
}

void
ink_oid(struct ink *k, const char *name, const char *dotted)
{
	struct ink_mark mark = ink_open(k, INK_OID, name);
	char *rest;
	unsigned long first = strtoul(dotted, &rest, 10);

	if (*rest == '.') {
		first = first * 40 + strtoul(rest + 1, &rest, 10);
	}
	arc(k, first);
	while (*rest == '.') {
		arc(k, strtoul(rest + 1, &rest, 10));
	}
	ink_close(k, mark);
}

void
ink_time(struct ink *k, uint8_t tag, const char *name, int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	char text[32];

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	if (tag == INK_UTC && tm.tm_year < 150) {
		ink_text(k, INK_UTC, name, text + 2); /* no century */
		return;
	}
	ink_text(k, INK_TIME, name, text);
}

void
ink_bits(struct ink *k, const char *name, struct bytes content)
{
	struct ink_mark mark = ink_open(k, INK_BITS, name);

	ink_raw(k, "", 1);
	ink_raw(k, content.at, content.len);
	ink_close(k, mark);
}

void
ink_prefix(struct ink *k, const char *name, const uint8_t *address,
    unsigned bits)
{
	struct ink_mark mark = ink_open(k, INK_BITS, name);
	uint8_t unused = (uint8_t)((8 - bits % 8) % 8);
	uint8_t last;

	ink_raw(k, &unused, 1);
	if (bits > 0) {
		ink_raw(k, address, (bits - 1) / 8);
		last = address[(bits - 1) / 8];
		last = (uint8_t)(last >> unused << unused);
		ink_raw(k, &last, 1);
	}
	ink_close(k, mark);
}
