/* SPDX-License-Identifier: BSD-2-Clause */
/* key - see key.h. */
#include "tests/forge/key.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct key_ring {
	BIGNUM **primes;
	size_t count;
};

struct key_ring *
key_ring_new(const char *path)
{
	FILE *file = fopen(path, "r");
	struct key_ring *ring;
	char line[1024];

	if (file == NULL) {
		return NULL;
	}
	ring = mem_zero(1, sizeof(*ring));
	while (fgets(line, sizeof(line), file) != NULL) {
		BIGNUM *prime = NULL;

		if (BN_hex2bn(&prime, line) <= 0) {
			continue;
		}
		ring->primes = mem_grow(ring->primes, ring->count + 1,
		    sizeof(*ring->primes));
		ring->primes[ring->count++] = prime;
	}
	fclose(file);
	return ring;
}

void
key_ring_free(struct key_ring *ring)
{
	if (ring == NULL) {
		return;
	}
	for (size_t i = 0; i < ring->count; i++) {
		BN_free(ring->primes[i]);
	}
	free(ring->primes);
	free(ring);
}

size_t
key_ring_size(const struct key_ring *ring)
{
	return ring->count < 2 ? 0 : ring->count * (ring->count - 1) / 2;
}

/* Wraps an EVP_PKEY with what certificates say of it. */
static struct key *
describe(EVP_PKEY *pkey)
{
	struct key *key = mem_zero(1, sizeof(*key));
	uint8_t *spki = NULL, *bits = NULL;
	int len;

	assert(pkey != NULL);
	key->pkey = pkey;
	len = i2d_PUBKEY(pkey, &spki);
	assert(len > 0);
	key->spki = bytes_of(mem_copy(spki, (size_t)len), (size_t)len);
	len = i2d_PublicKey(pkey, &bits);
	assert(len > 0);
	SHA1(bits, (size_t)len, key->id);
	for (size_t i = 0; i < sizeof(key->id); i++) {
		snprintf(key->name + 2 * i, 3, "%02X", key->id[i]);
	}
	OPENSSL_free(spki);
	OPENSSL_free(bits);
	return key;
}

/* What RSA needs besides p and q: all the derived numbers. */
struct numbers {
	BIGNUM *n, *e, *d, *dp, *dq, *qi;
};

static void
derive(struct numbers *x, const BIGNUM *p, const BIGNUM *q)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *p1 = BN_new(), *q1 = BN_new(), *phi = BN_new();

	BN_set_word(x->e, RSA_F4);
	BN_mul(x->n, p, q, ctx);
	BN_sub(p1, p, BN_value_one());
	BN_sub(q1, q, BN_value_one());
	BN_mul(phi, p1, q1, ctx);
	BN_mod_inverse(x->d, x->e, phi, ctx);
	BN_mod(x->dp, x->d, p1, ctx);
	BN_mod(x->dq, x->d, q1, ctx);
	BN_mod_inverse(x->qi, q, p, ctx);
	BN_free(p1);
	BN_free(q1);
	BN_free(phi);
	BN_CTX_free(ctx);
}

static EVP_PKEY *
assemble(const struct numbers *x, const BIGNUM *p, const BIGNUM *q)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;

	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, x->n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, x->e);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, x->d);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR1, p);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR2, q);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT1, x->dp);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT2, x->dq);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, x->qi);
	params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_fromdata_init(ctx);
	EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

struct key *
key_ring_make(const struct key_ring *ring, size_t n)
{
	struct numbers x = { BN_new(), BN_new(), BN_new(), BN_new(), BN_new(),
		BN_new() };
	size_t i = 1;
	EVP_PKEY *pkey;

	assert(n < key_ring_size(ring));
	while (n >= i) {
		n -= i++;
	}
	derive(&x, ring->primes[i], ring->primes[n]);
	pkey = assemble(&x, ring->primes[i], ring->primes[n]);
	BN_free(x.n);
	BN_free(x.e);
	BN_free(x.d);
	BN_free(x.dp);
	BN_free(x.dq);
	BN_free(x.qi);
	return describe(pkey);
}

struct key *
key_odd(unsigned bits, unsigned exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *pkey = NULL;

	BN_set_word(e, exponent);
	EVP_PKEY_keygen_init(ctx);
	EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits);
	EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e);
	EVP_PKEY_keygen(ctx, &pkey);
	EVP_PKEY_CTX_free(ctx);
	BN_free(e);
	return describe(pkey);
}

struct key *
key_router(void)
{
	return describe(EVP_EC_gen("P-256"));
}

void
key_free(struct key *key)
{
	if (key == NULL) {
		return;
	}
	EVP_PKEY_free(key->pkey);
	free((void *)(uintptr_t)key->spki.at);
	free(key);
}

void
key_sign(const struct key *key, struct ink *out, struct bytes data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[1024];
	size_t len = sizeof(signature);
	int ok;

	ok = EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) &&
	     EVP_DigestSign(ctx, signature, &len, data.at, data.len);
	assert(ok == 1);
	(void)ok;
	ink_raw(out, signature, len);
	EVP_MD_CTX_free(ctx);
}

void
key_sha256(uint8_t out[32], struct bytes data)
{
	SHA256(data.at, data.len, out);
}
