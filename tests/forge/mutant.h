/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutant - spoils an object by chance, before it is signed.
 *
 * The seed decides which part of the object is hit, how often (one to three
 * times) and how. Digests, signatures and hashes are made of what came out, so
 * that nothing else is wrong with the object. The same seed and the same object
 * give the same octets.
 */
#pragma once

#include "base/octets.h"
#include "tests/forge/ink.h"

enum mutant_part {
	MUTANT_PAPER,      /* what is signed of a certificate or CRL */
	MUTANT_COVER,      /* what is not: around it */
	MUTANT_CONTENT,    /* of a signed object */
	MUTANT_ATTRIBUTES, /* the signed ones */
	MUTANT_FRAME,      /* the rest of a signed object */
};

struct mutant {
	uint64_t seed;
	int64_t clock;
	bool wrapped;   /* a signed object */
	char said[400]; /* what was done at last */
};

/* Spoil what k holds from `from` on, if this is the part that the seed hits.
 * mutant may be NULL. */
void mutant_spoil(struct mutant *mutant, enum mutant_part part, struct ink *k,
    size_t from);
