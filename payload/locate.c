/* SPDX-License-Identifier: BSD-2-Clause */
/* locate - see locate.h. */
#include "payload/locate.h"

#include <stdbool.h>
#include <string.h>

/* What is left of the text; never moves past its end, whatever it holds. */
struct rest {
	const uint8_t *at;
	const uint8_t *end;
};

static int
peek(const struct rest *r)
{
	return r->at < r->end ? *r->at : -1;
}

static void
skip_blanks(struct rest *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' ||
	       peek(r) == '\r') {
		r->at++;
	}
}

/* Past a string; its inside, escapes as they stand. */
static struct bytes
skip_string(struct rest *r)
{
	const uint8_t *from = ++r->at;
	struct bytes inside;

	while (r->at < r->end && *r->at != '"') {
		r->at += *r->at == '\\' && r->at + 1 < r->end ? 2 : 1;
	}
	inside = bytes_of(from, (size_t)(r->at - from));
	if (r->at < r->end) {
		r->at++;
	}
	return inside;
}

static void
skip_value(struct rest *r)
{
	size_t depth = 0;

	do {
		skip_blanks(r);
		switch (peek(r)) {
		case -1:
			return;
		case '"':
			skip_string(r);
			break;
		case '{':
		case '[':
			depth++;
			r->at++;
			break;
		case '}':
		case ']':
			if (depth == 0) {
				return;
			}
			depth--;
			r->at++;
			break;
		case ',':
			if (depth == 0) {
				return;
			}
			r->at++;
			break;
		default:
			r->at++;
		}
	} while (depth != 0 || (peek(r) != ',' && peek(r) != '}' &&
				   peek(r) != ']' && peek(r) != -1));
}

/* To the value of a member; false when there is none of this name. */
static bool
enter_member(struct rest *r, const char *key)
{
	struct rest in = { r->at + 1, r->end };

	for (;;) {
		struct bytes name;

		skip_blanks(&in);
		if (peek(&in) != '"') {
			return false;
		}
		name = skip_string(&in);
		skip_blanks(&in);
		if (peek(&in) == ':') {
			in.at++;
		}
		skip_blanks(&in);
		if (bytes_equal(name, bytes_of(key, strlen(key)))) {
			*r = in;
			return true;
		}
		skip_value(&in);
		skip_blanks(&in);
		if (peek(&in) != ',') {
			return false;
		}
		in.at++;
	}
}

static bool
enter_item(struct rest *r, size_t index)
{
	struct rest in = { r->at + 1, r->end };

	for (size_t i = 0; i < index; i++) {
		skip_value(&in);
		skip_blanks(&in);
		if (peek(&in) != ',') {
			return false;
		}
		in.at++;
	}
	skip_blanks(&in);
	*r = in;
	return true;
}

struct locate_place
locate_find(struct bytes text, const struct locate_step *steps, size_t count)
{
	struct rest r = { text.at, text.at + text.len };
	struct locate_place place = { 1, 1 };
	bool found = true;

	skip_blanks(&r);
	for (size_t i = 0; found && i < count; i++) {
		if (steps[i].key != NULL) {
			found =
			    peek(&r) == '{' && enter_member(&r, steps[i].key);
		} else {
			found =
			    peek(&r) == '[' && enter_item(&r, steps[i].index);
		}
	}
	for (const uint8_t *at = text.at; at < r.at; at++) {
		place.column++;
		if (*at == '\n') {
			place.line++;
			place.column = 1;
		}
	}
	return place;
}
