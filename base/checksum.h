/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * checksum - tells whether octets that were kept are still what they were.
 *
 * SipHash-1-3 under a key that never changes: 64 bits, so that damage of any
 * kind goes unseen once in 2^64. It is no defence against someone who writes
 * into our folders, and neither would be a SHA-256 beside the octets: whoever
 * can change the one can change the other. It is several times faster, and the
 * door to the library that has SHA-256 stays where hostile octets are judged.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"

struct checksum {
	uint64_t v[4];
	uint64_t length;
	uint8_t rest[8]; /* octets that do not fill a word yet */
};

/* `seed` keeps apart what must not be taken for each other: each kind of file
 * has its own, and what follows on a record may be seeded with its sum. */
void checksum_begin(struct checksum *sum, uint64_t seed);
void checksum_add(struct checksum *sum, struct bytes more);
uint64_t checksum_end(struct checksum *sum);

/* All at once. */
uint64_t checksum_of(uint64_t seed, struct bytes octets);
