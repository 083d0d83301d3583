/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cert - resource certificates of every kind (RFC 6487, 8209, 8630).
 *
 * cert_decode() checks all that the certificate alone can show: DER, profile,
 * extensions, key shape, SKI. Whether its issuer signed it, its resources are
 * the issuer's to give, it is current and not revoked is for validator/chain.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/limits.h"
#include "object/resources.h"

enum cert_kind {
	CERT_TA,     /* self-signed, named by a TAL (RFC 8630 2.3) */
	CERT_CA,     /* BasicConstraints cA TRUE */
	CERT_EE,     /* inside a signed object */
	CERT_ROUTER, /* BGPsec router (RFC 8209), EKU id-kp-bgpsec-router */
};

enum { CERT_SERIAL = 20 };

struct cert {
	enum cert_kind kind;
	struct bytes der;       /* all of it, lent by the input */
	struct bytes tbs;       /* what is signed, with its tag and length */
	struct bytes signature; /* 256 octets */
	uint8_t serial[CERT_SERIAL];  /* right-aligned, zero-padded */
	struct bytes issuer, subject; /* whole Name, DER */
	struct bytes spki;            /* whole SubjectPublicKeyInfo, DER */
	struct bytes modulus;         /* RSA kinds: 256 octets */
	struct bytes point;           /* CERT_ROUTER: 65 octets */
	int64_t not_before, not_after;
	struct keyid ski;
	bool has_aki;
	struct keyid aki;
	/* URIs in normal form, NUL-ended, in the arena; NULL: not there. */
	const char *crl_uri;        /* CRLDP */
	const char *issuer_uri;     /* AIA caIssuers */
	const char *repository_uri; /* SIA caRepository, ends with '/' */
	const char *manifest_uri;   /* SIA rpkiManifest */
	bool apart;                 /* it is not directly in that repository */
	const char *notify_uri;     /* SIA rpkiNotify, https */
	const char *object_uri;     /* SIA signedObject */
	/* These two may have several (RFC 6487 4.8.6, 4.8.8.2): all of them,
	 * NULL-ended, in their order. */
	const char *const *crl_uris, *const *object_uris;
	struct bytes cps_uri; /* policy qualifier, lent; empty: none */
	struct resources resources;
	struct oddities odd;
};

/*
 * Decode a certificate that is to be of `kind`. For a `.cer` file on a
 * manifest give CERT_CA: the certificate says itself whether it is CERT_CA or
 * CERT_ROUTER, anything else is cert-purpose.
 */
enum fault cert_decode(struct cert *cert, enum cert_kind kind, struct bytes der,
    struct arena *arena);

/* The same, for an EE that by its object's profile has no SIA (RSC). */
enum fault cert_decode_ee_bare(struct cert *cert, struct bytes der,
    struct arena *arena);

/* Is this one of a certificate's URIs for a thing? */
bool cert_names(const char *const *uris, const char *uri);

/* The ASes of a CERT_ROUTER, which are few; how many. */
size_t cert_router_asns(const struct cert *cert,
    uint32_t out[LIMIT_ROUTER_ASES]);
