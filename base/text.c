/* SPDX-License-Identifier: BSD-2-Clause */
/* text - see text.h. */
#include "base/text.h"

bool
text_uint(struct bytes text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (text.len == 0 || (text.len > 1 && text.at[0] == '0')) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9' ||
		    __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, text.at[i] - '0', &value)) {
			return false;
		}
	}
	if (value > max) {
		return false;
	}
	*out = value;
	return true;
}

bool
text_asn(struct bytes text, uint32_t *out)
{
	uint64_t value;

	if (text.len > 2 &&
	    (memcmp(text.at, "AS", 2) == 0 || memcmp(text.at, "as", 2) == 0)) {
		text = bytes_of(text.at + 2, text.len - 2);
	}
	if (!text_uint(text, UINT32_MAX, &value)) {
		return false;
	}
	*out = (uint32_t)value;
	return true;
}

bool
text_same(struct bytes text, const char *word)
{
	return bytes_equal(text, text_bytes(word));
}

struct bytes
text_cut(struct bytes *text, char sep)
{
	struct bytes all = *text;
	const uint8_t *end;
	size_t len;

	if (all.len == 0) {
		return all;
	}
	end = memchr(all.at, sep, all.len);
	if (end == NULL) {
		*text = bytes_of(all.at + all.len, 0);
		return all;
	}
	len = (size_t)(end - all.at);
	*text = bytes_of(end + 1, all.len - len - 1);
	return bytes_of(all.at, len);
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct bytes
text_trim(struct bytes text)
{
	while (text.len > 0 && is_blank(text.at[0])) {
		text = bytes_of(text.at + 1, text.len - 1);
	}
	while (text.len > 0 && is_blank(text.at[text.len - 1])) {
		text.len--;
	}
	return text;
}

static void
add_hex(struct octets *out, struct bytes data, const char digits[16])
{
	uint8_t *at = octets_more(out, 2 * data.len);

	for (size_t i = 0; i < data.len; i++) {
		*at++ = (uint8_t)digits[data.at[i] >> 4];
		*at++ = (uint8_t)digits[data.at[i] & 15];
	}
}

void
text_hex(struct octets *out, struct bytes data)
{
	add_hex(out, data, "0123456789abcdef");
}

void
text_hex_upper(struct octets *out, struct bytes data)
{
	add_hex(out, data, "0123456789ABCDEF");
}

/* The value of a hex digit, or -1. */
static int
hex_value(uint8_t digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool
text_from_hex(struct octets *out, struct bytes text)
{
	size_t before = out->len;

	if (text.len % 2 != 0) {
		return false;
	}
	for (size_t i = 0; i < text.len; i += 2) {
		int high = hex_value(text.at[i]);
		int low = hex_value(text.at[i + 1]);

		if (high < 0 || low < 0) {
			out->len = before;
			return false;
		}
		octets_u8(out, (uint8_t)(high << 4 | low));
	}
	return true;
}

/* What each ASCII character stands for; 64: nothing. */
static const uint8_t base64_values[2][128] = {
	{
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    62,
	    64,
	    64,
	    64,
	    63,
	    52,
	    53,
	    54,
	    55,
	    56,
	    57,
	    58,
	    59,
	    60,
	    61,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    0,
	    1,
	    2,
	    3,
	    4,
	    5,
	    6,
	    7,
	    8,
	    9,
	    10,
	    11,
	    12,
	    13,
	    14,
	    15,
	    16,
	    17,
	    18,
	    19,
	    20,
	    21,
	    22,
	    23,
	    24,
	    25,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    26,
	    27,
	    28,
	    29,
	    30,
	    31,
	    32,
	    33,
	    34,
	    35,
	    36,
	    37,
	    38,
	    39,
	    40,
	    41,
	    42,
	    43,
	    44,
	    45,
	    46,
	    47,
	    48,
	    49,
	    50,
	    51,
	    64,
	    64,
	    64,
	    64,
	    64,
	},
	{
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    62,
	    64,
	    64,
	    52,
	    53,
	    54,
	    55,
	    56,
	    57,
	    58,
	    59,
	    60,
	    61,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    64,
	    0,
	    1,
	    2,
	    3,
	    4,
	    5,
	    6,
	    7,
	    8,
	    9,
	    10,
	    11,
	    12,
	    13,
	    14,
	    15,
	    16,
	    17,
	    18,
	    19,
	    20,
	    21,
	    22,
	    23,
	    24,
	    25,
	    64,
	    64,
	    64,
	    64,
	    63,
	    64,
	    26,
	    27,
	    28,
	    29,
	    30,
	    31,
	    32,
	    33,
	    34,
	    35,
	    36,
	    37,
	    38,
	    39,
	    40,
	    41,
	    42,
	    43,
	    44,
	    45,
	    46,
	    47,
	    48,
	    49,
	    50,
	    51,
	    64,
	    64,
	    64,
	    64,
	    64,
	},
};

static const char base64_digits[2][65] = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

void
text_base64(struct octets *out, struct bytes data, enum text_base64 kind)
{
	const char *digits = base64_digits[kind == TEXT_BASE64URL];

	for (; data.len > 0;) {
		size_t n = data.len < 3 ? data.len : 3;
		uint32_t group = (uint32_t)data.at[0] << 16;
		char four[4];
		size_t len = n + 1;

		group |= n > 1 ? (uint32_t)data.at[1] << 8 : 0;
		group |= n > 2 ? data.at[2] : 0;
		for (unsigned i = 0; i < 4; i++) {
			four[i] =
			    i <= n ? digits[group >> (18 - 6 * i) & 63] : '=';
		}
		if (kind == TEXT_BASE64) {
			len = 4;
		}
		octets_add(out, four, len);
		data = bytes_of(data.at + n, data.len - n);
	}
}

/* Decode 2 to 4 digits into 1 to 3 octets; false: a digit or spare bit is
 * wrong. */
static bool
base64_group(const uint8_t *digits, size_t n, const uint8_t values[128],
    uint8_t *to)
{
	uint32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		uint8_t value = 0;

		if (i < n) {
			value = digits[i] < 128 ? values[digits[i]] : 64;
		}
		if (value == 64) {
			return false;
		}
		group = group << 6 | value;
	}
	to[0] = (uint8_t)(group >> 16);
	if (n > 2) {
		to[1] = (uint8_t)(group >> 8);
	}
	if (n > 3) {
		to[2] = (uint8_t)group;
	}
	return n == 4 || (n == 3 && (group & 0xff) == 0) ||
	       (n == 2 && (group & 0xffff) == 0);
}

bool
text_from_base64(struct octets *out, struct bytes text, enum text_base64 kind)
{
	const uint8_t *values = base64_values[kind == TEXT_BASE64URL];
	size_t before = out->len, len = text.len;
	uint8_t *to;

	if (kind == TEXT_BASE64) {
		if (len % 4 != 0) {
			return false;
		}
		for (int i = 0; i < 2 && len > 0 && text.at[len - 1] == '=';
		     i++) {
			len--;
		}
	}
	if (len % 4 == 1) {
		return false;
	}
	to = octets_more(out, len / 4 * 3 + (len % 4 + 1) / 2);
	for (size_t i = 0; i < len; i += 4) {
		size_t n = len - i < 4 ? len - i : 4;

		if (!base64_group(text.at + i, n, values, to)) {
			out->len = before;
			return false;
		}
		to += n - 1;
	}
	return true;
}

void
text_escape(struct octets *out, struct bytes raw)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < raw.len; i++) {
		uint8_t c = raw.at[i];

		if (c >= 0x20 && c <= 0x7e && c != '\\') {
			octets_u8(out, c);
		} else {
			octets_add(out, "\\x", 2);
			octets_u8(out, (uint8_t)digits[c >> 4]);
			octets_u8(out, (uint8_t)digits[c & 15]);
		}
	}
}

/*
 * How many octets the UTF-8 character at the front takes, and which it is;
 * 0: not one. Overlong forms, surrogates and what is above U+10FFFF are not.
 */
static size_t
utf8_read(struct bytes raw, uint32_t *out)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = raw.at[0];
	size_t len = first < 0x80   ? 1
		     : first < 0xc0 ? 0
		     : first < 0xe0 ? 2
		     : first < 0xf0 ? 3
		     : first < 0xf8 ? 4
				    : 0;
	uint32_t value = len < 2 ? first : first & (0x7fu >> len);

	if (len == 0 || len > raw.len) {
		return 0;
	}
	for (size_t i = 1; i < len; i++) {
		if ((raw.at[i] & 0xc0) != 0x80) {
			return 0;
		}
		value = value << 6 | (raw.at[i] & 0x3f);
	}
	if (value < smallest[len] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff)) {
		return 0;
	}
	*out = value;
	return len;
}

/* Controls of both sets, and the two line ends that only Unicode knows. */
static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	       c == 0x2029;
}

void
text_json(struct octets *out, struct bytes raw)
{
	while (raw.len > 0) {
		uint32_t c = 0;
		size_t len = utf8_read(raw, &c);

		if (len == 0) {
			octets_add(out, "\xef\xbf\xbd", 3);
			len = 1;
		} else if (c == '"' || c == '\\') {
			octets_u8(out, '\\');
			octets_u8(out, (uint8_t)c);
		} else if (is_control(c)) {
			octets_printf(out, "\\u%04x", c);
		} else {
			octets_add(out, raw.at, len);
		}
		raw = bytes_of(raw.at + len, raw.len - len);
	}
}

char *
text_copy(struct arena *arena, struct bytes text)
{
	char *copy = arena_zero(arena, text.len + 1, 1);

	if (text.len > 0) {
		memcpy(copy, text.at, text.len);
	}
	return copy;
}

enum { WORD_MOST = 63 };

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	unsigned low = a < b ? a : b;

	return low < c ? low : c;
}

unsigned
text_distance(const char *a, const char *b)
{
	unsigned row[WORD_MOST + 1];
	size_t alen = strlen(a), blen = strlen(b);

	if (alen > WORD_MOST || blen > WORD_MOST) {
		return (unsigned)(alen > blen ? alen : blen);
	}
	for (size_t j = 0; j <= blen; j++) {
		row[j] = (unsigned)j;
	}
	for (size_t i = 1; i <= alen; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= blen; j++) {
			unsigned above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1,
			    corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[blen];
}
