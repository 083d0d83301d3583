/* SPDX-License-Identifier: BSD-2-Clause */
/* base64 - see base64.h. */
#include "rrdp/base64.h"

enum { PAD = 64, BLANK = 65, BAD = 66 };

/* What each octet stands for: 0 to 63, or one of the above. */
/* clang-format off */
static const uint8_t values[256] = {
	66, 66, 66, 66, 66, 66, 66, 66, 66, 65, 65, 66, 66, 65, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	65, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 62, 66, 66, 66, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 66, 66, 66, 64, 66, 66,
	66, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 66, 66, 66, 66, 66,
	66, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
};
/* clang-format on */

/* A group is whole: three octets, fewer when it was padded. */
static void
end_group(struct base64 *b, struct octets *out)
{
	uint8_t three[3] = { (uint8_t)(b->bits >> 16), (uint8_t)(b->bits >> 8),
		(uint8_t)b->bits };
	size_t len = 3U - b->pads;

	for (size_t i = len; i < 3; i++) {
		b->bad = b->bad || three[i] != 0;
	}
	octets_add(out, three, len);
	b->over = b->pads > 0;
	b->bits = 0;
	b->digits = b->pads = 0;
}

static void
take(struct base64 *b, uint8_t value, struct octets *out)
{
	if (value == BLANK) {
		return;
	}
	if (value == BAD || b->over || (value != PAD && b->pads > 0) ||
	    (value == PAD && b->digits < 2)) {
		b->bad = true;
		return;
	}
	b->bits = b->bits << 6 | (value == PAD ? 0 : value);
	b->pads = (uint8_t)(b->pads + (value == PAD));
	if (++b->digits == 4) {
		end_group(b, out);
	}
}

/* Whole groups without blanks or padding, which is nearly all: how many octets
 * of text they took. */
static size_t
take_groups(struct bytes text, struct octets *out)
{
	uint8_t *to = octets_more(out, text.len / 4 * 3);
	size_t at = 0, len = 0;

	while (text.len - at >= 4) {
		const uint8_t *in = text.at + at;
		uint8_t a = values[in[0]], b = values[in[1]];
		uint8_t c = values[in[2]], d = values[in[3]];

		if (((a | b | c | d) & 0xC0) != 0) {
			break;
		}
		to[len++] = (uint8_t)(a << 2 | b >> 4);
		to[len++] = (uint8_t)(b << 4 | c >> 2);
		to[len++] = (uint8_t)(c << 6 | d);
		at += 4;
	}
	out->len -= text.len / 4 * 3 - len;
	return at;
}

void
base64_feed(struct base64 *b, struct bytes text, struct octets *out)
{
	size_t at = 0;

	while (at < text.len && !b->bad) {
		size_t whole =
		    b->digits > 0 || b->over
			? 0
			: take_groups(bytes_of(text.at + at, text.len - at),
			      out);

		at += whole;
		if (whole == 0) {
			take(b, values[text.at[at++]], out);
		}
	}
}

bool
base64_end(const struct base64 *b)
{
	return !b->bad && b->digits == 0;
}
