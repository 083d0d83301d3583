/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures made by OpenSSL, then everything a forger might try. */
#include "crypto/verify.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "crypto/lanes.h"

struct fixture {
	EVP_PKEY *pair;
	uint8_t modulus[KEY_RSA_OCTETS];
	struct key *key;
	struct verifier *verifier;
	struct hash digest;
	uint8_t good[KEY_RSA_OCTETS];
};

/* Sign a digest by the book, or 256 octets as they are. */
static void
sign(const struct fixture *f, int padding, struct bytes in, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(f->pair, NULL);
	size_t len = KEY_RSA_OCTETS;

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
	if (padding == RSA_PKCS1_PADDING) {
		assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx,
				     EVP_sha256()),
		    1);
	}
	assert_int_equal(EVP_PKEY_sign(ctx, out, &len, in.at, in.len), 1);
	assert_int_equal(len, KEY_RSA_OCTETS);
	EVP_PKEY_CTX_free(ctx);
}

static int
make(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	BIGNUM *n = NULL;

	f->pair = EVP_RSA_gen(2048);
	assert_int_equal(EVP_PKEY_get_bn_param(f->pair, OSSL_PKEY_PARAM_RSA_N,
			     &n),
	    1);
	BN_bn2binpad(n, f->modulus, KEY_RSA_OCTETS);
	BN_free(n);
	f->key = key_rsa(bytes_of(f->modulus, KEY_RSA_OCTETS));
	f->verifier = verify_new();
	memset(f->digest.at, 0x5a, HASH_SIZE);
	sign(f, RSA_PKCS1_PADDING, hash_bytes(&f->digest), f->good);
	*state = f;
	return 0;
}

static int
unmake(void **state)
{
	struct fixture *f = *state;

	verify_free(f->verifier);
	key_free(f->key);
	EVP_PKEY_free(f->pair);
	test_free(f);
	return 0;
}

static bool
verify(struct fixture *f, const uint8_t *signature)
{
	return verify_rsa(f->verifier, f->key, &f->digest,
	    bytes_of(signature, KEY_RSA_OCTETS));
}

/* So many times the same, those that wait for others among them. */
static bool
accepts_deferred(struct fixture *f, const uint8_t *signature, unsigned times)
{
	bool good = true;

	verify_defer(f->verifier);
	for (unsigned i = 0; i < times; i++) {
		good &= verify(f, signature);
	}
	return verify_settle(f->verifier) && good;
}

static bool
accepts(struct fixture *f, const uint8_t *signature)
{
	bool good = verify(f, signature);

	assert_int_equal(good,
	    verify_once(f->verifier, key_modulus(f->key), &f->digest,
		bytes_of(signature, KEY_RSA_OCTETS)));
	assert_int_equal(good, accepts_deferred(f, signature, 1));
	assert_int_equal(good, accepts_deferred(f, signature, LANES));
	assert_int_equal(good, accepts_deferred(f, signature, LANES + 3));
	return good;
}

static void
test_good(void **state)
{
	struct fixture *f = *state;
	struct hash other = f->digest;
	unsigned long before = verify_count(f->verifier);

	assert_true(verify(f, f->good));
	other.at[31] ^= 1;
	assert_false(verify_rsa(f->verifier, f->key, &other,
	    bytes_of(f->good, KEY_RSA_OCTETS)));
	assert_true(accepts(f, f->good));
	assert_int_equal(verify_count(f->verifier),
	    before + 2 + 2 + 1 + LANES + LANES + 3);
}

/* Wherever it stands among however many, one is enough; and the next ones have
 * nothing to do with it. */
static void
test_one_bad_of_many(void **state)
{
	struct fixture *f = *state;
	unsigned long before = verify_count(f->verifier);
	uint8_t bad[KEY_RSA_OCTETS];

	memcpy(bad, f->good, sizeof(bad));
	bad[KEY_RSA_OCTETS - 1] ^= 1;
	for (unsigned n = 1; n < 2 * LANES + 4; n++) {
		for (unsigned i = 0; i < n; i++) {
			bool said = true;

			verify_defer(f->verifier);
			for (unsigned j = 0; j < n; j++) {
				said &= verify(f, j == i ? bad : f->good);
			}
			assert_true(!verify_settle(f->verifier) || !said);
			assert_false(verify_spoilt(f->verifier));
			if (said) {
				assert_int_equal(verify_count(f->verifier),
				    before);
			}
		}
		before = verify_count(f->verifier);
		assert_true(accepts_deferred(f, f->good, n));
		assert_int_equal(verify_count(f->verifier), before + n);
		before += n;
	}
}

/* A modulus that no key may have is none in the hand either. */
static void
test_unfit_modulus(void **state)
{
	struct fixture *f = *state;
	struct bytes good = bytes_of(f->good, KEY_RSA_OCTETS);
	uint8_t n[KEY_RSA_OCTETS];

	for (unsigned times = 0; times < 2; times++) {
		memcpy(n, f->modulus, sizeof(n));
		n[0] &= 0x7f;
		assert_false(verify_once(f->verifier, bytes_of(n, sizeof(n)),
		    &f->digest, good));
		n[0] |= 0x80;
		n[KEY_RSA_OCTETS - 1] ^= 1;
		assert_false(verify_once(f->verifier, bytes_of(n, sizeof(n)),
		    &f->digest, good));
		assert_false(verify_once(f->verifier,
		    bytes_of(f->modulus, KEY_RSA_OCTETS - 1), &f->digest,
		    good));
		verify_defer(f->verifier);
	}
	assert_true(verify_settle(f->verifier));
}

static void
test_every_octet_counts(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < KEY_RSA_OCTETS; i++) {
		f->good[i] ^= 0x40;
		assert_false(accepts(f, f->good));
		f->good[i] ^= 0x40;
	}
	assert_true(accepts(f, f->good));
}

static void
test_wrong_lengths(void **state)
{
	struct fixture *f = *state;
	uint8_t longer[KEY_RSA_OCTETS + 1] = { 0 };

	memcpy(longer + 1, f->good, KEY_RSA_OCTETS);
	assert_false(verify_rsa(f->verifier, f->key, &f->digest,
	    bytes_of(longer, sizeof(longer))));
	assert_false(verify_rsa(f->verifier, f->key, &f->digest,
	    bytes_of(f->good, KEY_RSA_OCTETS - 1)));
	assert_false(
	    verify_rsa(f->verifier, f->key, &f->digest, bytes_of("", 0)));
}

/* s and s + n have the same power; only s is a signature. */
static void
test_not_below_the_modulus(void **state)
{
	struct fixture *f = *state;
	BIGNUM *n = BN_bin2bn(f->modulus, KEY_RSA_OCTETS, NULL);
	BIGNUM *s = BN_new();
	uint8_t bad[KEY_RSA_OCTETS];
	bool fits = false;

	/* n has its top bit set, so s + n fits 2048 bits only for a small s:
	 * look for a digest with such a signature. */
	for (unsigned i = 0; i < 400 && !fits; i++) {
		f->digest.at[0] = (uint8_t)i;
		f->digest.at[1] = (uint8_t)(i >> 8);
		sign(f, RSA_PKCS1_PADDING, hash_bytes(&f->digest), f->good);
		BN_bin2bn(f->good, KEY_RSA_OCTETS, s);
		BN_add(s, s, n);
		fits = BN_num_bits(s) <= 2048;
	}
	assert_true(accepts(f, f->good));
	if (fits) {
		BN_bn2binpad(s, bad, KEY_RSA_OCTETS);
		assert_false(accepts(f, bad));
	}
	assert_false(accepts(f, f->modulus));
	memset(bad, 0, sizeof(bad));
	assert_false(accepts(f, bad));
	bad[KEY_RSA_OCTETS - 1] = 1;
	assert_false(accepts(f, bad));
	memset(bad, 0xff, sizeof(bad));
	assert_false(accepts(f, bad));
	BN_free(s);
	BN_free(n);
}

/* The encoded message by the book; the cases spoil it before signing. */
static void
encode(uint8_t em[KEY_RSA_OCTETS], const struct hash *digest)
{
	static const uint8_t info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09,
		0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
		0x00, 0x04, 0x20 };

	memset(em, 0xff, KEY_RSA_OCTETS);
	em[0] = 0;
	em[1] = 1;
	em[256 - 32 - 19 - 1] = 0;
	memcpy(em + 256 - 32 - 19, info, 19);
	memcpy(em + 256 - 32, digest->at, 32);
}

static void
test_spoiled_padding(void **state)
{
	struct fixture *f = *state;
	uint8_t em[KEY_RSA_OCTETS], signature[KEY_RSA_OCTETS];
	struct bytes whole = bytes_of(em, sizeof(em));

	encode(em, &f->digest);
	sign(f, RSA_NO_PADDING, whole, signature);
	assert_true(accepts(f, signature));
	/* Every octet before the digest is checked. */
	for (size_t i = 1; i < 256 - 32; i += 3) {
		em[i] ^= 0x80;
		sign(f, RSA_NO_PADDING, whole, signature);
		assert_false(accepts(f, signature));
		em[i] ^= 0x80;
	}
	/* Short padding, the rest behind the digest (Bleichenbacher 2006). */
	encode(em, &f->digest);
	memmove(em + 10, em + 256 - 52, 52);
	memset(em + 62, 0, sizeof(em) - 62);
	sign(f, RSA_NO_PADDING, whole, signature);
	assert_false(accepts(f, signature));
	/* DigestInfo without its NULL: two octets shorter. */
	encode(em, &f->digest);
	memmove(em + 5, em + 3, 256 - 32 - 19 - 3);
	memcpy(em + 256 - 32 - 17,
	    "\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
	    "\x04\x20",
	    17);
	em[256 - 32 - 18] = 0;
	em[256 - 32 - 19] = 0xff;
	em[256 - 32 - 20] = 0xff;
	sign(f, RSA_NO_PADDING, whole, signature);
	assert_false(accepts(f, signature));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_one_bad_of_many),
		cmocka_unit_test(test_unfit_modulus),
		cmocka_unit_test(test_every_octet_counts),
		cmocka_unit_test(test_wrong_lengths),
		cmocka_unit_test(test_not_below_the_modulus),
		cmocka_unit_test(test_spoiled_padding),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
