/* SPDX-License-Identifier: BSD-2-Clause */
/* cursor - see cursor.h. */
#include "base/cursor.h"

#include <assert.h>

/* What an empty run points to: never NULL, so that arithmetic is defined. */
static const uint8_t nothing[1];

struct cursor
cursor_open(struct bytes input)
{
	const uint8_t *at = input.at == NULL ? nothing : input.at;

	assert(input.at != NULL || input.len == 0);
	return (struct cursor){ .at = at, .end = at + input.len };
}

void
cursor_fail(struct cursor *c)
{
	c->bad = true;
	c->at = c->end;
}

struct bytes
cursor_take(struct cursor *c, size_t len)
{
	struct bytes taken;

	if (c->bad || len > cursor_left(c)) {
		cursor_fail(c);
		return bytes_of(nothing, 0);
	}
	taken = bytes_of(c->at, len);
	c->at += len;
	return taken;
}

struct bytes
cursor_run(struct cursor *c)
{
	return cursor_take(c, cursor_u32(c));
}

char *
cursor_text(struct cursor *c, struct arena *arena)
{
	uint32_t len = cursor_u32(c);
	struct bytes run;
	char *text;

	if (len == UINT32_MAX) {
		return NULL;
	}
	run = cursor_take(c, len);
	if (c->bad || memchr(run.at, 0, run.len) != NULL) {
		cursor_fail(c);
		return NULL;
	}
	text = arena_zero(arena, run.len + 1, 1);
	memcpy(text, run.at, run.len);
	return text;
}

const char *
cursor_string(struct cursor *c, struct arena *arena)
{
	const char *text = cursor_text(c, arena);

	if (text == NULL) {
		cursor_fail(c);
		return "";
	}
	return text;
}

unsigned
cursor_below(struct cursor *c, unsigned end)
{
	unsigned value = cursor_u8(c);

	if (value >= end) {
		cursor_fail(c);
		return 0;
	}
	return value;
}

size_t
cursor_count(struct cursor *c, size_t each)
{
	uint32_t count = cursor_u32(c);

	assert(each > 0);
	if (count > cursor_left(c) / each) {
		cursor_fail(c);
		return 0;
	}
	return count;
}

bool
cursor_end(const struct cursor *c)
{
	return !c->bad && c->at == c->end;
}
