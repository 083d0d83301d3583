/* SPDX-License-Identifier: BSD-2-Clause */
/* Eight at once are what OpenSSL makes of each: of numbers at random, and of
 * those whose digits carry as far as digits can. KEDGE_LONG: two millions. */
#include "crypto/lanes.h"

#include <openssl/bn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 500, LONG_ROUNDS = 250000 };

struct dice {
	uint64_t state;
};

/* splitmix64: the same numbers each time. */
static uint64_t
roll(struct dice *dice)
{
	uint64_t x = dice->state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* Octets at random, a run of them all ones or all zero three times of four. */
static void
fill(struct dice *dice, uint8_t out[KEY_RSA_OCTETS])
{
	size_t from, to;

	for (size_t i = 0; i < KEY_RSA_OCTETS; i++) {
		out[i] = (uint8_t)roll(dice);
	}
	from = roll(dice) % (KEY_RSA_OCTETS + 1);
	to = roll(dice) % (KEY_RSA_OCTETS + 1);
	switch (roll(dice) % 8) {
	case 0:
		from = 0;
		break;
	case 1:
		to = KEY_RSA_OCTETS;
		break;
	case 2:
		from = 0;
		to = KEY_RSA_OCTETS;
		break;
	case 3:
		to = from;
		break;
	}
	if (from < to) {
		memset(out + from, roll(dice) % 2 == 0 ? 0 : 0xff, to - from);
	}
}

static void
make_lane(struct dice *dice, struct lane *lane)
{
	fill(dice, lane->modulus);
	lane->modulus[0] |= 0x80;
	lane->modulus[KEY_RSA_OCTETS - 1] |= 1;
	fill(dice, lane->number);
	switch (roll(dice) % 8) {
	case 0: /* the modulus less something small, and one half of it */
		memcpy(lane->number, lane->modulus, KEY_RSA_OCTETS);
		lane->number[KEY_RSA_OCTETS - 1] &= (uint8_t)roll(dice);
		break;
	case 1:
		memset(lane->number, 0, KEY_RSA_OCTETS - 1);
		break;
	}
	if (memcmp(lane->number, lane->modulus, KEY_RSA_OCTETS) >= 0) {
		memcpy(lane->number, lane->modulus, KEY_RSA_OCTETS);
		lane->number[KEY_RSA_OCTETS - 1] &= 0xfe;
	}
}

struct openssl {
	BIGNUM *n, *s, *e;
	BN_CTX *scratch;
};

static void
raise(const struct openssl *o, const struct lane *lane,
    uint8_t out[KEY_RSA_OCTETS])
{
	assert_non_null(BN_bin2bn(lane->modulus, KEY_RSA_OCTETS, o->n));
	assert_non_null(BN_bin2bn(lane->number, KEY_RSA_OCTETS, o->s));
	assert_int_equal(BN_mod_exp(o->s, o->s, o->e, o->n, o->scratch), 1);
	assert_int_equal(BN_bn2binpad(o->s, out, KEY_RSA_OCTETS),
	    KEY_RSA_OCTETS);
}

static void
test_like_openssl(void **state)
{
	struct openssl o = { BN_new(), BN_new(), BN_new(), BN_CTX_new() };
	struct dice dice = { 1 };
	struct lane lanes[LANES];
	uint8_t got[LANES][KEY_RSA_OCTETS], wanted[KEY_RSA_OCTETS];
	int rounds = getenv("KEDGE_LONG") != NULL ? LONG_ROUNDS : ROUNDS;

	(void)state;
	if (!lanes_here()) {
		rounds = 0;
	}
	BN_set_word(o.e, 65537);
	for (int i = 0; i < rounds; i++) {
		for (unsigned lane = 0; lane < LANES; lane++) {
			make_lane(&dice, &lanes[lane]);
		}
		lanes_raise(lanes, got);
		for (unsigned lane = 0; lane < LANES; lane++) {
			raise(&o, &lanes[lane], wanted);
			assert_memory_equal(got[lane], wanted, KEY_RSA_OCTETS);
		}
	}
	BN_free(o.n);
	BN_free(o.s);
	BN_free(o.e);
	BN_CTX_free(o.scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_like_openssl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
