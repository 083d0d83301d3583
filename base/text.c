/* SPDX-License-Identifier: BSD-2-Clause */
/* text - see text.h. */
#include "base/text.h"

#include <strings.h>

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

/* WHY recursion: ten deep at most, and what is short needs none. */
char *
text_decimal(char out[TEXT_DIGITS], uint64_t number)
{
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";

	if (number < 10) {
		*out = (char)('0' + number);
		return out + 1;
	}
	if (number >= 100) {
		out = text_decimal(out, number / 100);
	}
	memcpy(out, pairs + 2 * (number % 100), 2);
	return out + 2;
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

bool
text_same_word(struct bytes text, const char *word)
{
	return text.len == strlen(word) &&
	       strncasecmp((const char *)text.at, word, text.len) == 0;
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

size_t
text_lines(struct bytes text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.len; i++) {
		n += text.at[i] == '\n';
	}
	return n;
}

int
text_digit(uint8_t digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
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

bool
text_from_hex(struct octets *out, struct bytes text)
{
	size_t before = out->len;

	if (text.len % 2 != 0) {
		return false;
	}
	for (size_t i = 0; i < text.len; i += 2) {
		int high = text_digit(text.at[i]);
		int low = text_digit(text.at[i + 1]);

		if (high < 0 || low < 0) {
			out->len = before;
			return false;
		}
		octets_u8(out, (uint8_t)(high << 4 | low));
	}
	return true;
}

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

/* What each octet stands for, 64 for what is no digit. */
struct base64_values {
	uint8_t of[256];
};

static struct base64_values
base64_values(enum text_base64 kind)
{
	const char *digits = base64_digits[kind == TEXT_BASE64URL];
	struct base64_values values;

	memset(values.of, 64, sizeof(values.of));
	for (uint8_t i = 0; i < 64; i++) {
		values.of[(uint8_t)digits[i]] = i;
	}
	return values;
}

/* Decode the last 2 or 3 digits into 1 or 2 octets; spare bits are zero. */
static bool
base64_tail(const struct base64_values *values, const uint8_t *from, size_t n,
    uint8_t *to)
{
	uint8_t a = values->of[from[0]], b = values->of[from[1]];
	uint8_t c = n > 2 ? values->of[from[2]] : 0;

	to[0] = (uint8_t)(a << 2 | b >> 4);
	if (n == 2) {
		return ((a | b) & 64) == 0 && (b & 15) == 0;
	}
	to[1] = (uint8_t)(b << 4 | c >> 2);
	return ((a | b | c) & 64) == 0 && (c & 3) == 0;
}

/* Decode whole groups: 4 digits into 3 octets. False: not all were digits. */
static bool
base64_groups(const struct base64_values *values, const uint8_t *from,
    size_t groups, uint8_t *to)
{
	uint8_t wrong = 0;

	for (size_t i = 0; i < groups; i++, from += 4, to += 3) {
		uint8_t a = values->of[from[0]], b = values->of[from[1]];
		uint8_t c = values->of[from[2]], d = values->of[from[3]];

		wrong |= a | b | c | d;
		to[0] = (uint8_t)(a << 2 | b >> 4);
		to[1] = (uint8_t)(b << 4 | c >> 2);
		to[2] = (uint8_t)(c << 6 | d);
	}
	return (wrong & 64) == 0;
}

bool
text_from_base64(struct octets *out, struct bytes text, enum text_base64 kind)
{
	struct base64_values values = base64_values(kind);
	size_t before = out->len, len = text.len, groups, tail;
	uint8_t *to;
	bool good;

	if (kind == TEXT_BASE64) {
		if (len % 4 != 0) {
			return false;
		}
		for (int i = 0; i < 2 && len > 0 && text.at[len - 1] == '=';
		     i++) {
			len--;
		}
	}
	groups = len / 4;
	tail = len % 4;
	if (tail == 1) {
		return false;
	}
	to = octets_more(out, groups * 3 + (tail + 1) / 2);
	good = base64_groups(&values, text.at, groups, to);
	if (good && tail > 0) {
		good = base64_tail(&values, text.at + groups * 4, tail,
		    to + groups * 3);
	}
	if (!good) {
		out->len = before;
	}
	return good;
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

bool
text_utf8(struct bytes text)
{
	while (text.len > 0) {
		uint32_t c;
		size_t len = utf8_read(text, &c);

		if (len == 0) {
			return false;
		}
		text = bytes_of(text.at + len, text.len - len);
	}
	return true;
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
