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

/* The same with a key that is used this once. False also when the modulus does
 * not fit (key.h). */
bool verify_once(struct verifier *v, struct bytes modulus,
    const struct hash *digest, struct bytes signature);

/*
 * Where the processor does eight at once (lanes.h), a verification that comes
 * between these two may wait for seven others. That it is said to be good then
 * means that nothing is known yet; verify_settle() looks at those that still
 * wait and says whether all of it was true. Which one was not, nobody knows:
 * ask again without deferring. What turned out untrue is not counted.
 */
void verify_defer(struct verifier *v);
bool verify_settle(struct verifier *v);

/* While deferring: is it known by now that verify_settle() will say no? */
bool verify_spoilt(const struct verifier *v);

/* How many verifications this verifier did. */
unsigned long verify_count(const struct verifier *v);
