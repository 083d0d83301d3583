/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain - is a certificate or CRL what its issuer says (RFC 6487 7.2)?
 *
 * One link of the path: issuer to subject. Cheap checks first, the signature
 * last. Pure but for the verifier's scratch space.
 */
#pragma once

#include "base/fault.h"
#include "crypto/verify.h"
#include "object/cert.h"
#include "object/crl.h"
#include "validator/ca.h"
#include "validator/constraints.h"
#include "validator/span.h"

struct chain {
	const struct ca *issuer;
	struct key *key; /* the issuer's */
	struct verifier *verifier;
	const struct constraints *constraints; /* of the TA; NULL: none */
	const struct crl *crl; /* NULL while the manifest is opened for it */
	const char *crl_uri;   /* where that CRL is published */
	struct span *span;
	bool strict;        /* oddities reject */
	size_t most_blocks; /* of one kind in a certificate, a ROA or an SPL */
};

/*
 * Is `cert` issued by chain->issuer, current, within its resources and, when
 * there is a CRL, not revoked? *effective borrows from both.
 */
enum fault chain_cert(const struct chain *chain, const struct cert *cert,
    struct resources *effective);

/* Does the right CRL (RFC 9829 3.2) name this certificate? */
enum fault chain_revoked(const struct chain *chain, const struct cert *cert);

/* Is `crl` the issuer's, and current? crl-stale comes last, so that a caller
 * which tolerates it knows that all else holds. */
enum fault chain_crl(const struct chain *chain, const struct crl *crl);

/* The first oddity when they are to reject; else FAULT_NONE. */
enum fault chain_odd(const struct chain *chain, const struct oddities *odd);
