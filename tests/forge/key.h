/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key - keys for tests, made from a few committed primes.
 *
 * Any two of 72 primes are an RSA-2048 key: 2,556 different ones without
 * making a prime. They are public, so they protect nothing; that is the point.
 */
#pragma once

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "tests/forge/ink.h"

struct key_ring;

/* A file with a prime a line in hex. NULL: not readable. */
struct key_ring *key_ring_new(const char *path);
void key_ring_free(struct key_ring *ring);

/* How many different keys the ring can make. */
size_t key_ring_size(const struct key_ring *ring);

struct key {
	EVP_PKEY *pkey;
	struct bytes spki; /* DER SubjectPublicKeyInfo */
	uint8_t id[20];    /* SHA-1 of the key bits */
	char name[41];     /* id in hex: a good common name */
};

/* The n-th key of the ring (n < size). The caller owns it. */
struct key *key_ring_make(const struct key_ring *ring, size_t n);
/* A fresh RSA key of any size and exponent. */
struct key *key_odd(unsigned bits, unsigned exponent);
/* A fresh P-256 key, as routers have. */
struct key *key_router(void);
void key_free(struct key *key);

/* RSA PKCS #1 v1.5 over SHA-256 of data, appended to out. */
void key_sign(const struct key *key, struct ink *out, struct bytes data);

void key_sha256(uint8_t out[32], struct bytes data);
