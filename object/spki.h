/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spki - the one shape of RSA key the profile allows (RFC 7935 3): what trust
 * anchor locators and trust anchor key objects carry.
 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/hash.h"

/*
 * Is this whole SubjectPublicKeyInfo DER of an rsaEncryption key with NULL
 * parameters, 2048 bits and exponent 65537? Then *modulus (unless NULL) is its
 * 256 octets, lent by the input.
 */
bool spki_is_rsa(struct bytes whole, struct bytes *modulus);

/* The key identifier (RFC 6487 4.8.2) of whatever key this is of; false when it
 * is not a SubjectPublicKeyInfo. */
bool spki_keyid(struct bytes whole, struct keyid *out);
