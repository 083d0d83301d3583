/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key - public keys as the RPKI profile allows them: RSA-2048 with e = 65537
 * (RFC 7935 3) and P-256 points for BGPsec routers (RFC 8608 3.1).
 *
 * The octets of n come from the object layer's own DER reader; OpenSSL's
 * decoders are never used.
 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"

enum { KEY_RSA_OCTETS = 256, KEY_POINT_OCTETS = 65 };

/* An RSA public key to verify with; what that needs is worked out at its first
 * use. One thread's. */
struct key;

/* Is it 256 octets, with the top bit set and odd? */
bool key_fit(struct bytes modulus);

/* NULL when it does not fit. */
struct key *key_rsa(struct bytes modulus);
struct bytes key_modulus(const struct key *key);
void key_free(struct key *key);

/*
 * Raise a number (256 octets) to 65537 modulo the key's modulus: what is left
 * of a signature. False when the number is not below the modulus. `scratch`
 * is OpenSSL's BN_CTX by its struct's name; for verify.c.
 */
struct bignum_ctx;
bool key_raise(struct key *key, struct bytes number, struct bignum_ctx *scratch,
    uint8_t out[KEY_RSA_OCTETS]);

/* Is this uncompressed 65-octet point (04 X Y) on P-256? */
bool key_point_on_p256(struct bytes point);
