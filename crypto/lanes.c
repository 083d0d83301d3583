/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lanes - see lanes.h.
 *
 * A number is forty digits of 52 bits, and a `wide` is one digit of eight of
 * them. Products are added up in columns without carrying: a column has 64
 * bits, and no more than 250 halves of products, 52 bits each, come into it.
 *
 * Montgomery's R is 2^2080, which leaves 32 bits above the modulus n. So
 * what goes into a product need only be below 2^2050, comes out below n and a
 * little, and nothing is compared or subtracted on the way.
 */
#include "crypto/lanes.h"

#include <assert.h>
#include <immintrin.h>
#include <string.h>

enum { DIGITS = 40, DIGIT = 52, BLOCK = 4, COLUMNS = 2 * DIGITS };

static_assert(DIGITS % BLOCK == 0, "rows come in fours");

#define WIDE __attribute__((target("avx512f,avx512dq,avx512ifma")))
/* A digit's part of a product, added to a column: its own, and the one that
 * goes into the next column. */
#define LOW  _mm512_madd52lo_epu64
#define HIGH _mm512_madd52hi_epu64
#define SUM  _mm512_add_epi64

typedef __m512i wide;

/* Eight moduli and what Montgomery's way needs of them. */
struct moduli {
	wide n[DIGITS];
	wide inverse;        /* -1/n modulo 2^52 */
	wide square[DIGITS]; /* R^2 modulo n */
};

bool
lanes_here(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512ifma");
}

WIDE static inline wide
digit_of(wide x)
{
	return _mm512_and_si512(x,
	    _mm512_set1_epi64((INT64_C(1) << DIGIT) - 1));
}

/*
 * Add four rows: each a[j], j in [from, to), times each of b, to the columns
 * from at[from] on. Seven unfinished columns are in hand, so that each is
 * written once.
 */
WIDE static inline void
add_rows(wide *at, const wide *a, unsigned from, unsigned to,
    const wide b[BLOCK])
{
	const wide zero = _mm512_setzero_si512();
	const wide b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3];
	wide l0 = zero, l1 = zero, l2 = zero;
	wide h0 = zero, h1 = zero, h2 = zero, h3 = zero;

	for (unsigned j = from; j < to; j++) {
		wide x = a[j];

		at[j] = SUM(at[j], SUM(LOW(l0, x, b0), h0));
		l0 = LOW(l1, x, b1);
		l1 = LOW(l2, x, b2);
		l2 = LOW(zero, x, b3);
		h0 = HIGH(h1, x, b0);
		h1 = HIGH(h2, x, b1);
		h2 = HIGH(h3, x, b2);
		h3 = HIGH(zero, x, b3);
	}
	at[to] = SUM(at[to], SUM(l0, h0));
	at[to + 1] = SUM(at[to + 1], SUM(l1, h1));
	at[to + 2] = SUM(at[to + 2], SUM(l2, h2));
	at[to + 3] = SUM(at[to + 3], h3);
}

WIDE static void
multiply(wide columns[COLUMNS], const wide *a, const wide *b)
{
	for (unsigned i = 0; i < COLUMNS; i++) {
		columns[i] = _mm512_setzero_si512();
	}
	for (unsigned i = 0; i < DIGITS; i += BLOCK) {
		add_rows(columns + i, a, 0, DIGITS, b + i);
	}
}

/* One product of two digits whose places come to `at`. */
WIDE static inline void
add_pair(wide *at, wide a, wide b)
{
	at[0] = LOW(at[0], a, b);
	at[1] = HIGH(at[1], a, b);
}

/* Each product of two different digits once, doubled; then the squares. */
WIDE static void
square(wide columns[COLUMNS], const wide *a)
{
	for (unsigned i = 0; i < COLUMNS; i++) {
		columns[i] = _mm512_setzero_si512();
	}
	for (unsigned i = 0; i < DIGITS; i += BLOCK) {
		for (unsigned j = i; j < i + BLOCK; j++) {
			for (unsigned k = j + 1; k < i + BLOCK; k++) {
				add_pair(columns + j + k, a[j], a[k]);
			}
		}
		add_rows(columns + i, a, i + BLOCK, DIGITS, a + i);
	}
	for (unsigned i = 0; i < COLUMNS; i++) {
		columns[i] = SUM(columns[i], columns[i]);
	}
	for (unsigned i = 0; i < DIGITS; i++) {
		add_pair(columns + 2 * i, a[i], a[i]);
	}
}

/* How often n must be added, four digits of it, for the lowest four columns to
 * become nothing: what is carried out of them. */
WIDE static inline wide
find_times(const wide *at, const struct moduli *m, wide carry,
    wide times[BLOCK])
{
	const wide zero = _mm512_setzero_si512();
	const wide *n = m->n;
	wide x = SUM(at[0], carry);

	times[0] = LOW(zero, x, m->inverse);
	carry = _mm512_srli_epi64(LOW(x, times[0], n[0]), DIGIT);
	x = HIGH(SUM(at[1], carry), times[0], n[0]);
	x = LOW(x, times[0], n[1]);
	times[1] = LOW(zero, x, m->inverse);
	carry = _mm512_srli_epi64(LOW(x, times[1], n[0]), DIGIT);
	x = HIGH(HIGH(SUM(at[2], carry), times[0], n[1]), times[1], n[0]);
	x = LOW(LOW(x, times[0], n[2]), times[1], n[1]);
	times[2] = LOW(zero, x, m->inverse);
	carry = _mm512_srli_epi64(LOW(x, times[2], n[0]), DIGIT);
	x = HIGH(HIGH(SUM(at[3], carry), times[0], n[2]), times[1], n[1]);
	x = HIGH(LOW(x, times[0], n[3]), times[2], n[0]);
	x = LOW(LOW(x, times[1], n[2]), times[2], n[1]);
	times[3] = LOW(zero, x, m->inverse);
	return _mm512_srli_epi64(LOW(x, times[3], n[0]), DIGIT);
}

/* What the four lowest digits of n, so often, bring to the next columns. */
WIDE static inline void
add_corner(wide *at, const wide *n, const wide times[BLOCK])
{
	const wide t1 = times[1], t2 = times[2], t3 = times[3];

	at[0] = HIGH(HIGH(at[0], times[0], n[3]), t1, n[2]);
	at[0] = HIGH(HIGH(at[0], t2, n[1]), t3, n[0]);
	at[0] = LOW(LOW(LOW(at[0], t1, n[3]), t2, n[2]), t3, n[1]);
	at[1] = HIGH(HIGH(HIGH(at[1], t1, n[3]), t2, n[2]), t3, n[1]);
	at[1] = LOW(LOW(at[1], t2, n[3]), t3, n[2]);
	at[2] = HIGH(HIGH(at[2], t2, n[3]), t3, n[2]);
	at[2] = LOW(at[2], t3, n[3]);
	at[3] = HIGH(at[3], t3, n[3]);
}

/* Montgomery's reduction; the digits are put right at its end. */
WIDE static void
reduce(wide out[DIGITS], wide columns[COLUMNS], const struct moduli *m)
{
	wide carry = _mm512_setzero_si512();

	for (unsigned i = 0; i < DIGITS; i += BLOCK) {
		wide times[BLOCK];

		carry = find_times(columns + i, m, carry, times);
		add_corner(columns + i + BLOCK, m->n, times);
		add_rows(columns + i, m->n, BLOCK, DIGITS, times);
	}
	for (unsigned i = 0; i < DIGITS; i++) {
		wide x = SUM(columns[DIGITS + i], carry);

		out[i] = digit_of(x);
		carry = _mm512_srli_epi64(x, DIGIT);
	}
}

WIDE static void
square_mod(wide x[DIGITS], const struct moduli *m)
{
	wide columns[COLUMNS];

	square(columns, x);
	reduce(x, columns, m);
}

WIDE static void
multiply_mod(wide x[DIGITS], const wide *by, const struct moduli *m)
{
	wide columns[COLUMNS];

	multiply(columns, x, by);
	reduce(x, columns, m);
}

/* Newton's way: each round doubles the bits that are right, from three on. */
WIDE static wide
negative_inverse(wide n)
{
	const wide two = _mm512_set1_epi64(2);
	wide x = n;

	for (unsigned right = 3; right < DIGIT; right *= 2) {
		x = _mm512_mullo_epi64(x,
		    _mm512_sub_epi64(two, _mm512_mullo_epi64(n, x)));
	}
	return digit_of(_mm512_sub_epi64(_mm512_setzero_si512(), x));
}

/* The two highest digits as one number, good to a double's 53 bits. */
WIDE static inline __m512d
head_of(const wide *x)
{
	return _mm512_fmadd_pd(_mm512_cvtepu64_pd(x[DIGITS - 1]),
	    _mm512_set1_pd((double)(INT64_C(1) << DIGIT)),
	    _mm512_cvtepu64_pd(x[DIGITS - 2]));
}

/*
 * x times 2^46, less n as often as it is in there: x is below 4 n before and
 * after. The quotient has 48 bits, and what doubles make of it is at most one
 * beside the true one. So it is taken two too low, and nothing goes below zero.
 */
enum { SHIFT = 46 };

WIDE static void
shift_mod(wide x[DIGITS], const wide *n, __m512d reciprocal)
{
	const wide zero = _mm512_setzero_si512();
	wide carry = zero, below = zero, high = zero;
	wide q = _mm512_cvttpd_epu64(
	    _mm512_mul_pd(_mm512_mul_pd(head_of(x), reciprocal),
		_mm512_set1_pd((double)(INT64_C(1) << SHIFT))));

	q = _mm512_max_epi64(_mm512_sub_epi64(q, _mm512_set1_epi64(2)), zero);
	for (unsigned i = 0; i < DIGITS; i++) {
		wide y = _mm512_or_si512(_mm512_slli_epi64(x[i], SHIFT),
		    _mm512_srli_epi64(below, DIGIT - SHIFT));
		wide product = LOW(high, q, n[i]);

		high = HIGH(zero, q, n[i]);
		below = x[i];
		if (i == DIGITS - 1) {
			/* Above the last digit: right modulo 2^64, as is y. */
			product = SUM(product, _mm512_slli_epi64(high, DIGIT));
			x[i] = SUM(_mm512_sub_epi64(y, product), carry);
			break;
		}
		y = SUM(_mm512_sub_epi64(digit_of(y), product), carry);
		carry = _mm512_srai_epi64(y, DIGIT);
		x[i] = digit_of(y);
	}
}

/*
 * R^2 modulo n. From 2^2048 - n by shifting to R times 2^520, which is what
 * 2^520 is to Montgomery; squared twice that is what R is to him.
 */
WIDE static void
find_square(struct moduli *m)
{
	enum { BITS = 2048, R_BITS = DIGITS * DIGIT, QUARTER = R_BITS / 4 };
	const wide top =
	    _mm512_set1_epi64(INT64_C(1) << (BITS - (DIGITS - 1) * DIGIT));
	__m512d reciprocal = _mm512_div_pd(_mm512_set1_pd(1.0), head_of(m->n));
	wide *x = m->square;
	wide carry = _mm512_setzero_si512();

	static_assert((R_BITS + QUARTER - BITS) % SHIFT == 0, "whole shifts");
	for (unsigned i = 0; i < DIGITS; i++) {
		wide y = _mm512_sub_epi64(carry, m->n[i]);

		y = i == DIGITS - 1 ? SUM(y, top) : y;
		carry = _mm512_srai_epi64(y, DIGIT);
		x[i] = digit_of(y);
	}
	for (unsigned i = 0; i < (R_BITS + QUARTER - BITS) / SHIFT; i++) {
		shift_mod(x, m->n, reciprocal);
	}
	square_mod(x, m);
	square_mod(x, m);
}

/* The octets of a number, the lowest first, with room to take a word that
 * begins in the last of them. */
enum { WORD = sizeof(uint64_t), TURNED = KEY_RSA_OCTETS + WORD };

static_assert(KEY_RSA_OCTETS % WORD == 0, "whole words are turned");

static void
turn(uint8_t out[KEY_RSA_OCTETS], const uint8_t octets[KEY_RSA_OCTETS])
{
	for (unsigned i = 0; i < KEY_RSA_OCTETS; i += WORD) {
		uint64_t word;

		memcpy(&word, octets + KEY_RSA_OCTETS - WORD - i, WORD);
		word = __builtin_bswap64(word);
		memcpy(out + i, &word, WORD);
	}
}

/* Digits of one lane from octets, the highest first. */
static void
read_digits(uint64_t (*digits)[LANES], unsigned lane,
    const uint8_t octets[KEY_RSA_OCTETS])
{
	uint8_t turned[TURNED] = { 0 };

	turn(turned, octets);
	for (unsigned i = 0; i < DIGITS; i++) {
		unsigned bit = i * DIGIT;
		uint64_t word;

		memcpy(&word, turned + bit / 8, WORD);
		digits[i][lane] =
		    word >> bit % 8 & ((UINT64_C(1) << DIGIT) - 1);
	}
}

static void
write_digits(uint8_t octets[KEY_RSA_OCTETS], uint64_t (*digits)[LANES],
    unsigned lane)
{
	uint8_t turned[TURNED] = { 0 };

	for (unsigned i = 0; i < DIGITS; i++) {
		unsigned bit = i * DIGIT;
		uint64_t word;

		memcpy(&word, turned + bit / 8, WORD);
		word |= digits[i][lane] << bit % 8;
		memcpy(turned + bit / 8, &word, WORD);
	}
	turn(octets, turned);
}

/* What came out of the last product is below n, or n and hardly more. */
static void
less_modulus(uint8_t number[KEY_RSA_OCTETS],
    const uint8_t modulus[KEY_RSA_OCTETS])
{
	int borrow = 0;

	if (memcmp(number, modulus, KEY_RSA_OCTETS) < 0) {
		return;
	}
	for (unsigned i = KEY_RSA_OCTETS; i-- > 0;) {
		int left = number[i] - modulus[i] - borrow;

		borrow = left < 0;
		number[i] = (uint8_t)left;
	}
}

/* s^65536 by squaring; one more product with s itself, which is not in
 * Montgomery's form, leaves that form too. */
WIDE static void
raise(wide x[DIGITS], const wide *s, struct moduli *m)
{
	m->inverse = negative_inverse(m->n[0]);
	find_square(m);
	memcpy(x, s, DIGITS * sizeof(*x));
	multiply_mod(x, m->square, m);
	for (unsigned i = 0; i < 16; i++) {
		square_mod(x, m);
	}
	multiply_mod(x, s, m);
}

/* The same octets as digits and as what the processor works on. */
union number {
	wide wide[DIGITS];
	uint64_t digits[DIGITS][LANES];
};

WIDE void
lanes_raise(const struct lane in[LANES], uint8_t out[LANES][KEY_RSA_OCTETS])
{
	union number n, s, x;
	struct moduli m;

	for (unsigned i = 0; i < LANES; i++) {
		read_digits(n.digits, i, in[i].modulus);
		read_digits(s.digits, i, in[i].number);
	}
	memcpy(m.n, n.wide, sizeof(m.n));
	raise(x.wide, s.wide, &m);
	for (unsigned i = 0; i < LANES; i++) {
		write_digits(out[i], x.digits, i);
		less_modulus(out[i], in[i].modulus);
	}
}
