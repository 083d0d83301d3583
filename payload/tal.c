/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tal - RFC 8630 2.2, line by line: comments, URIs, an empty line, the key.
 */
#include "payload/tal.h"

#include <string.h>

#include "base/limits.h"
#include "base/octets.h"
#include "base/text.h"
#include "base/uri.h"

struct reader {
	struct bytes rest;
	unsigned line; /* of the line last read, from one */
	enum fault fault;
};

static bool
line_clean(struct bytes line)
{
	bool comment = line.len > 0 && line.at[0] == '#';

	for (size_t i = 0; i < line.len; i++) {
		uint8_t c = line.at[i];

		if (c == 0x7f || (c < 0x20 && !(comment && c == '\t')) ||
		    (c >= 0x80 && !comment)) {
			return false;
		}
	}
	return true;
}

/* The next line without its LF or CRLF; false at the end or at a fault. */
static bool
next_line(struct reader *r, struct bytes *line)
{
	if (r->fault != FAULT_NONE || r->rest.len == 0) {
		return false;
	}
	*line = text_cut(&r->rest, '\n');
	r->line++;
	if (line->len > 0 && line->at[line->len - 1] == '\r') {
		line->len--;
	}
	if (!line_clean(*line)) {
		r->fault = FAULT_TAL_TEXT;
		return false;
	}
	return true;
}

static bool
looks_like_uri(struct bytes line)
{
	return line.len > 0 && memmem(line.at, line.len, "://", 3) != NULL;
}

/* Comments, then URIs, up to and with the empty line. */
static void
read_head(struct reader *r, struct tal *tal, struct arena *arena)
{
	struct bytes line;
	struct uri uri;

	while (next_line(r, &line)) {
		if (tal->count == 0 && line.len > 0 && line.at[0] == '#') {
			continue;
		}
		if (line.len == 0) {
			r->fault =
			    tal->count == 0 ? FAULT_TAL_EMPTY : FAULT_NONE;
			return;
		}
		if (tal->count > 0 && !looks_like_uri(line)) {
			r->fault = FAULT_TAL_BLANK;
			return;
		}
		if (uri_read(&uri, line, arena) != FAULT_NONE ||
		    uri.directory) {
			r->fault = FAULT_TAL_URI;
			return;
		}
		tal->uris[tal->count++] = uri.text;
	}
	if (r->fault == FAULT_NONE) {
		r->fault = tal->count == 0 ? FAULT_TAL_EMPTY : FAULT_TAL_BLANK;
	}
}

/* base64 over any number of lines; after it only empty lines. */
static void
read_key(struct reader *r, struct tal *tal, struct arena *arena)
{
	struct octets text = { 0 }, key = { 0 };
	bool ended = false;
	struct bytes line;

	while (next_line(r, &line)) {
		if (line.len > 0 && ended) {
			r->fault = FAULT_TAL_BASE64;
		}
		ended = line.len == 0 && text.len > 0;
		octets_add_bytes(&text, line);
	}
	if (r->fault == FAULT_NONE &&
	    (text.len == 0 ||
		!text_from_base64(&key, octets_bytes(&text), TEXT_BASE64))) {
		r->fault = FAULT_TAL_BASE64;
	}
	if (r->fault == FAULT_NONE) {
		tal->spki = arena_copy(arena, octets_bytes(&key));
	}
	octets_clear(&text);
	octets_clear(&key);
}

enum fault
tal_read(struct tal *tal, struct bytes text, unsigned *line,
    struct arena *arena)
{
	struct reader r = { .rest = text };

	*tal = (struct tal){ 0 };
	if (text.len > LIMIT_TAL_OCTETS) {
		*line = 1;
		return FAULT_TAL_SIZE;
	}
	tal->uris = arena_zero(arena, text_lines(text), sizeof(*tal->uris));
	read_head(&r, tal, arena);
	if (r.fault == FAULT_NONE) {
		read_key(&r, tal, arena);
	}
	*line = r.line == 0 ? 1 : r.line;
	return r.fault;
}
