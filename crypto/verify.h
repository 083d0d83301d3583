/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify - RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7935 2), nothing else.
 *
 * A verifier holds what OpenSSL can reuse; one per worker, never shared.
 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "crypto/key.h"

struct verifier;

struct verifier *verify_new(void);
void verify_free(struct verifier *v);

/* Is `signature` one over octets whose SHA-256 is *digest? */
bool verify_rsa(struct verifier *v, struct key *key, const struct hash *digest,
    struct bytes signature);

/* How many verifications this verifier did. */
unsigned long verify_count(const struct verifier *v);
