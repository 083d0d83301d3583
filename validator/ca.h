/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ca - a certification authority whose certificate was believed.
 *
 * What judging its publication point needs to know of it, and the path above:
 * resources with inherit resolved, times of the whole path. Made once, never
 * changed, alive until the run ends. What is inherited is borrowed from the
 * issuer, so that a thousand heirs of a large CA take no more room than one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/hash.h"
#include "base/octets.h"
#include "object/cert.h"

enum { CA_SETS = 3 }; /* kinds of resources: v4, v6, as */

/* What a valid CA certificate says, with nothing of the path above it. */
struct ca_seed {
	struct hash certificate; /* SHA-256 of its octets */
	const char *uri;         /* where the certificate is published */
	struct keyid ski;
	struct bytes subject, spki, modulus;
	struct resources resources; /* as written: it may inherit */
	const char *repository_uri, *manifest_uri;
	const char *notify_uri; /* NULL: rsync only */
	bool apart;             /* the manifest is not in the repository */
	int64_t not_before, not_after;
	int64_t stale; /* when the first that vouches for it ends: manifest,
			  its EE, CRL; INT64_MAX for an anchor */
};

struct ca {
	const struct ca *issuer; /* NULL: a trust anchor */
	uint16_t ta;             /* index of the TAL */
	unsigned depth;          /* 0: a trust anchor */
	struct ca_seed own;
	struct resources resources;           /* effective */
	struct hash holds;                    /* digest of them */
	struct hash sets[CA_SETS];            /* and of each kind */
	int64_t not_before, not_after, stale; /* the narrowest of the path */
};

/* Borrows from the certificate. */
struct ca_seed ca_seed_of(const struct cert *cert, const char *uri,
    int64_t stale);

void ca_seed_encode(struct octets *out, const struct ca_seed *seed);
bool ca_seed_decode(struct ca_seed *seed, struct cursor *in,
    struct arena *arena);
/* Past an encoded seed, unread. */
void ca_seed_pass(struct cursor *in);

/* Borrows from seed and issuer, which must live as long; issuer NULL: an
 * anchor. The seed's resources are within the issuer's. */
const struct ca *ca_new(const struct ca *issuer, uint16_t ta,
    const struct ca_seed *seed, struct arena *arena);

/* Does this key at this point already stand on the path up from `ca`, which may
 * be its own issuer? Another point of the same key is another CA: it ends at
 * the depth limit. */
bool ca_loops(const struct ca *ca, const struct ca_seed *child);
