/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any text as base64: in pieces of any size it says what it says at once, and
 * what it says, written again, is the text without its blanks.
 */
#include <assert.h>

#include "base/text.h"
#include "rrdp/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
decode(struct bytes text, size_t piece, struct octets *out)
{
	struct base64 b = { 0 };

	while (text.len > 0) {
		size_t n = piece < text.len ? piece : text.len;

		base64_feed(&b, bytes_of(text.at, n), out);
		text = bytes_of(text.at + n, text.len - n);
	}
	return base64_end(&b);
}

static void
gather(struct octets *out, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
			octets_u8(out, c);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct octets whole = { 0 }, pieces = { 0 };
	struct octets dense = { 0 }, again = { 0 };
	struct bytes text;
	bool good;

	if (size == 0) {
		return 0;
	}
	text = bytes_of(data + 1, size - 1);
	good = decode(text, text.len, &whole);
	assert(decode(text, 1u + data[0], &pieces) == good);
	gather(&dense, text);
	assert(text_from_base64(&again, octets_bytes(&dense), TEXT_BASE64) ==
	       good);
	if (good) {
		assert(
		    bytes_equal(octets_bytes(&whole), octets_bytes(&pieces)));
		assert(bytes_equal(octets_bytes(&whole), octets_bytes(&again)));
	}
	octets_clear(&whole);
	octets_clear(&pieces);
	octets_clear(&dense);
	octets_clear(&again);
	return 0;
}
