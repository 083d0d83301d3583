/* SPDX-License-Identifier: BSD-2-Clause */
/* header - see header.h. */
#include "fetch/header.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"

static bool
names(struct bytes *line, const char *name)
{
	size_t len = strlen(name);

	if (line->len <= len || line->at[len] != ':' ||
	    strncasecmp((const char *)line->at, name, len) != 0) {
		return false;
	}
	*line = text_trim(bytes_of(line->at + len + 1, line->len - len - 1));
	return true;
}

/* Only what can be sent back unharmed; everything else counts as not given. */
static void
keep(char *out, size_t room, struct bytes value)
{
	out[0] = '\0';
	if (value.len >= room) {
		return;
	}
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] < ' ' || value.at[i] > '~') {
			return;
		}
	}
	memcpy(out, value.at, value.len);
	out[value.len] = '\0';
}

/* A list that may have empty places (RFC 9110 5.6.1, 8.4); of codings we take
 * one. x-gzip is gzip (RFC 9110 8.4.1.3). */
static enum fault
read_encoding(struct header *header, struct bytes value)
{
	while (value.len > 0) {
		struct bytes word = text_trim(text_cut(&value, ','));
		bool known = text_same_word(word, "gzip") ||
			     text_same_word(word, "x-gzip") ||
			     text_same_word(word, "deflate") ||
			     text_same_word(word, "identity");

		if (word.len == 0) {
			continue;
		}
		if (!known || header->encoding_seen) {
			return FAULT_HTTP_ENCODING;
		}
		header->encoding_seen = true;
	}
	return FAULT_NONE;
}

/* Digits, of which the first may be zeros (RFC 9110 8.6). */
static enum fault
read_length(struct header *header, struct bytes value)
{
	uint64_t length;

	while (value.len > 1 && value.at[0] == '0') {
		value = bytes_of(value.at + 1, value.len - 1);
	}
	if (!text_uint(value, INT64_MAX, &length) ||
	    (header->length_seen && length != header->length)) {
		return FAULT_HTTP_PROTOCOL;
	}
	header->length_seen = true;
	header->length = length;
	return FAULT_NONE;
}

/* A status line: what earlier (1xx) answers said does not count. */
static void
begin_answer(struct header *header)
{
	header->etag[0] = header->last_modified[0] = '\0';
	header->length_seen = header->encoding_seen = false;
}

enum fault
header_line(struct header *header, struct bytes line)
{
	header->octets += line.len;
	if (header->octets > header->most) {
		return FAULT_HTTP_HEADER;
	}
	while (line.len > 0 && (line.at[line.len - 1] == '\n' ||
				   line.at[line.len - 1] == '\r')) {
		line.len--;
	}
	if (header->closed) {
		return FAULT_NONE; /* trailers tell us nothing */
	}
	if (line.len >= 5 && memcmp(line.at, "HTTP/", 5) == 0) {
		begin_answer(header);
	} else if (names(&line, "etag")) {
		keep(header->etag, sizeof(header->etag), line);
	} else if (names(&line, "last-modified")) {
		keep(header->last_modified, sizeof(header->last_modified),
		    line);
	} else if (names(&line, "content-encoding")) {
		return read_encoding(header, line);
	} else if (names(&line, "content-length")) {
		return read_length(header, line);
	} else if (names(&line, "transfer-encoding")) {
		return text_same_word(line, "chunked") ? FAULT_NONE
						       : FAULT_HTTP_ENCODING;
	}
	return FAULT_NONE;
}
