/* SPDX-License-Identifier: BSD-2-Clause */
/* base64 - see base64.h. */
#include "rrdp/base64.h"

#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

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

#ifdef __x86_64__

enum {
	WIDE_TEXT = 32,
	WIDE_OCTETS = WIDE_TEXT / 4 * 3,
	WIDE_ROOM = sizeof(__m256i) - WIDE_OCTETS, /* written too much */
	WIDE_LEAST = WIDE_TEXT + (WIDE_ROOM + 2) / 3 * 4,
};

/* The same sixteen in both halves, as shuffles look them up. */
#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

/*
 * What 32 digits stand for; false when one of them is none. Which letters there
 * are is told by the high half of an octet, of which low halves go with it: a
 * bit for each sort of row in the one table, and for each sort that a low half
 * does not go with in the other. What is to be added depends on the high half
 * alone, but for '/', which stands in the row of '+'.
 */
__attribute__((target("avx2"))) static bool
wide_values(__m256i *digits)
{
	const __m256i rows =
	    TWICE(16, 16, 1, 2, 4, 8, 4, 8, 16, 16, 16, 16, 16, 16, 16, 16);
	const __m256i refused = TWICE(21, 17, 17, 17, 17, 17, 17, 17, 17, 17,
	    19, 26, 27, 27, 27, 26);
	const __m256i added = TWICE(0, 63 - '/', 62 - '+', 52 - '0', -'A', -'A',
	    26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0);
	const __m256i half = _mm256_set1_epi8(15);
	__m256i low = _mm256_and_si256(*digits, half);
	__m256i high = _mm256_and_si256(_mm256_srli_epi32(*digits, 4), half);
	__m256i slash = _mm256_cmpeq_epi8(*digits, _mm256_set1_epi8('/'));

	if (!_mm256_testz_si256(_mm256_shuffle_epi8(rows, high),
		_mm256_shuffle_epi8(refused, low))) {
		return false;
	}
	*digits = _mm256_add_epi8(*digits,
	    _mm256_shuffle_epi8(added, _mm256_add_epi8(high, slash)));
	return true;
}

/* Four sixes become three octets: by two, by four, and then in their order. */
__attribute__((target("avx2"))) static __m256i
wide_octets(__m256i sixes)
{
	const __m256i order =
	    TWICE(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
	const __m256i close_up = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
	__m256i twelves =
	    _mm256_maddubs_epi16(sixes, _mm256_set1_epi32(0x01400140));
	__m256i all = _mm256_madd_epi16(twelves, _mm256_set1_epi32(0x00011000));

	return _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(all, order),
	    close_up);
}

/* Eight groups at a time, as long as they are whole and text enough is left to
 * overwrite what each time is written too much. */
__attribute__((target("avx2"))) static size_t
take_wide(struct bytes text, uint8_t *to)
{
	size_t at = 0;

	while (text.len - at >= WIDE_LEAST) {
		__m256i digits =
		    _mm256_loadu_si256((const void *)(text.at + at));

		if (!wide_values(&digits)) {
			break;
		}
		_mm256_storeu_si256((void *)to, wide_octets(digits));
		to += WIDE_OCTETS;
		at += WIDE_TEXT;
	}
	return at;
}

static size_t
take_many(struct bytes text, uint8_t *to)
{
	return __builtin_cpu_supports("avx2") ? take_wide(text, to) : 0;
}

#else

static size_t
take_many(struct bytes text, uint8_t *to)
{
	(void)text, (void)to;
	return 0;
}

#endif

/* Whole groups without blanks or padding, which is nearly all: how many octets
 * of text they took. */
static size_t
take_groups(struct bytes text, struct octets *out)
{
	uint8_t *to = octets_more(out, text.len / 4 * 3);
	size_t at = take_many(text, to);
	size_t len = at / 4 * 3;

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
