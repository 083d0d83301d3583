/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hash - the name of an octet string: its SHA-256, as a value.
 *
 * crypto/digest.h computes one; here it is compared, printed and read.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

enum { HASH_SIZE = 32, HASH_TEXT = 65, KEYID_SIZE = 20, KEYID_TEXT = 41 };

struct hash {
	uint8_t at[HASH_SIZE];
};

/* SHA-1 of a public key: what SKI and AKI hold. */
struct keyid {
	uint8_t at[KEYID_SIZE];
};

static inline bool
hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->at, b->at, HASH_SIZE) == 0;
}

static inline bool
hash_keyid_equal(const struct keyid *a, const struct keyid *b)
{
	return memcmp(a->at, b->at, KEYID_SIZE) == 0;
}

static inline struct bytes
hash_bytes(const struct hash *hash)
{
	return bytes_of(hash->at, HASH_SIZE);
}

/* Lower-case hex with a NUL. */
void hash_text(const struct hash *hash, char out[HASH_TEXT]);
/* Upper-case hex with a NUL, as the field prints key identifiers. */
void hash_keyid_text(const struct keyid *id, char out[KEYID_TEXT]);

/* Exactly 64 hex digits of either case; false leaves *out alone. */
bool hash_parse(struct hash *out, struct bytes text);
