/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sip - the round of SipHash and how it reads octets: for base/map and
 * base/checksum, which are what others use.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

static inline uint64_t
sip_rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static inline void
sip_begin(uint64_t v[4], const uint64_t seed[2])
{
	v[0] = seed[0] ^ 0x736f6d6570736575;
	v[1] = seed[1] ^ 0x646f72616e646f6d;
	v[2] = seed[0] ^ 0x6c7967656e657261;
	v[3] = seed[1] ^ 0x7465646279746573;
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = sip_rotate(v[1], 13) ^ v[0];
	v[0] = sip_rotate(v[0], 32);
	v[2] += v[3];
	v[3] = sip_rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = sip_rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = sip_rotate(v[1], 17) ^ v[2];
	v[2] = sip_rotate(v[2], 32);
}

/* Take in one word; one round, as in SipHash-1-3. */
static inline void
sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

static inline uint64_t
sip_end(uint64_t v[4])
{
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++) {
		sip_round(v);
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Eight octets, least significant first: so written that it is one load. */
static inline uint64_t
sip_load(const uint8_t *at)
{
	return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
	       (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 |
	       (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
	       (uint64_t)at[7] << 56;
}

/* Fewer than eight. */
static inline uint64_t
sip_read(const uint8_t *at, size_t len)
{
	uint64_t value = 0;

	for (size_t i = len; i > 0; i--) {
		value = value << 8 | at[i - 1];
	}
	return value;
}
