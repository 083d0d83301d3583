/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_crypto - what one verification (by OpenSSL, and eight at once), one
 * key, one digest and one decoded certificate cost: the best of many batches,
 * in microseconds.
 *
 * usage: bench_crypto CERTIFICATE (a CA's or a router's, as a file)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/digest.h"
#include "crypto/lanes.h"
#include "crypto/verify.h"
#include "object/cert.h"

enum { BATCHES = 30, BATCH = 1000 };

struct bench {
	struct bytes der;
	struct cert cert;
	struct key *key;
	struct verifier *verifier;
	struct digester *digester;
	struct arena *arena;
	struct hash hash;
	struct lane lanes[LANES];
};

static void
do_verify(struct bench *b)
{
	verify_rsa(b->verifier, b->key, &b->hash, b->cert.signature);
}

static void
do_key(struct bench *b)
{
	key_free(key_rsa(b->cert.modulus));
}

/* Eight keys that were not seen before. */
static void
do_lanes(struct bench *b)
{
	uint8_t out[LANES][KEY_RSA_OCTETS];

	lanes_raise(b->lanes, out);
}

static void
do_digest(struct bench *b)
{
	digest_of(b->der, &b->hash);
}

static void
do_digester(struct bench *b)
{
	digest_begin(b->digester);
	digest_add(b->digester, b->der);
	digest_end(b->digester, &b->hash);
}

static void
do_decode(struct bench *b)
{
	cert_decode(&b->cert, CERT_CA, b->der, b->arena);
	arena_reset(b->arena);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Each call does so many. */
static void
measure_many(const char *what, void (*one)(struct bench *), struct bench *b,
    unsigned many)
{
	double best = 1e12;

	for (unsigned i = 0; i < BATCHES; i++) {
		double from = now(), took;

		for (unsigned j = 0; j < BATCH; j++) {
			one(b);
		}
		took = (now() - from) / BATCH / many;
		best = took < best ? took : best;
	}
	printf("%-28s %8.2f us\n", what, best);
}

static void
measure(const char *what, void (*one)(struct bench *), struct bench *b)
{
	measure_many(what, one, b, 1);
}

static void
measure_lanes(struct bench *b)
{
	if (!lanes_here()) {
		printf("eight at once: not on this processor\n");
		return;
	}
	for (unsigned i = 0; i < LANES; i++) {
		memcpy(b->lanes[i].modulus, b->cert.modulus.at, KEY_RSA_OCTETS);
		memcpy(b->lanes[i].number, b->cert.signature.at,
		    KEY_RSA_OCTETS);
		b->lanes[i].number[0] &= 0x7f; /* below the modulus */
	}
	measure_many("eight at once, each", do_lanes, b, LANES);
}

int
main(int argc, char **argv)
{
	static uint8_t octets[65536];
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	struct bench b = { .arena = arena_new() };

	if (f == NULL) {
		fprintf(stderr, "usage: bench_crypto CERTIFICATE\n");
		return 1;
	}
	b.der = bytes_of(octets, fread(octets, 1, sizeof(octets), f));
	fclose(f);
	if (cert_decode(&b.cert, CERT_CA, b.der, b.arena) != FAULT_NONE ||
	    b.cert.kind != CERT_CA) {
		fprintf(stderr, "bench_crypto: not a CA's certificate\n");
		return 1;
	}
	b.key = key_rsa(b.cert.modulus);
	b.verifier = verify_new();
	b.digester = digest_new();
	digest_of(b.cert.tbs, &b.hash);
	measure("verify_rsa", do_verify, &b);
	measure("key_rsa and key_free", do_key, &b);
	measure_lanes(&b);
	measure("digest_of this file", do_digest, &b);
	measure("digester on this file", do_digester, &b);
	measure("cert_decode", do_decode, &b);
	digest_free(b.digester);
	verify_free(b.verifier);
	key_free(b.key);
	arena_free(b.arena);
	return 0;
}
