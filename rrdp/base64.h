/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base64 - decode as it arrives, in pieces of any size.
 *
 * Strict as RFC 4648 section 4 has it, but blanks may stand anywhere, as XML
 * schema allows: right alphabet, full padding, zero spare bits, nothing after.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/octets.h"

struct base64 {
	uint32_t bits;  /* of the group under way */
	uint8_t digits; /* of it */
	uint8_t pads;
	bool over, bad;
};

/* Append what these digits say. Zero-initialise; bad is sticky. */
void base64_feed(struct base64 *b, struct bytes text, struct octets *out);

/* True when all groups were whole and nothing was wrong. */
bool base64_end(const struct base64 *b);
