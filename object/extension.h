/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * extension - the certificate extensions of RFC 6487 4.8, a row each: OID,
 * criticality, which kinds must, may or must not have it, how it is read.
 */
#pragma once

#include "object/cert.h"
#include "object/der.h"

/* Whose certificate: the kinds, and an EE whose object is not published. */
enum extension_role {
	EXTENSION_TA,
	EXTENSION_CA,
	EXTENSION_EE,
	EXTENSION_EE_BARE,
	EXTENSION_ROUTER,
	EXTENSION_ROLES
};

enum { EXTENSION_COUNT = 11 };

/* What a certificate carries, not yet read. */
struct extension_list {
	struct {
		bool present;
		bool critical;
		struct bytes value; /* inside extnValue */
	} rows[EXTENSION_COUNT];
};

/* Read the SEQUENCE OF Extension: all known, none twice. */
void extension_collect(struct extension_list *list, struct der *d);

/* What the certificate says of itself, for files that may be a CA's or a
 * router's (BasicConstraints, EKU). False: neither. */
bool extension_says(const struct extension_list *list, enum cert_kind *kind);

/*
 * Check each row against `role` and read it into *cert, whose kind and SPKI
 * are already there.
 */
void extension_read(const struct extension_list *list, enum extension_role role,
    struct cert *cert, const struct der *d, struct arena *arena);

/*
 * For object/glance: of this list whatever can be read, each by itself; what
 * the certificate is goes by what it carries.
 */
void extension_glance(struct der *list, struct cert *cert, struct arena *arena);
/* One extension of a CRL, likewise. */
void extension_glance_crl(struct bytes whole, struct keyid *aki,
    uint8_t number[CERT_SERIAL]);

/* An AuthorityKeyIdentifier of the one form allowed; for CRLs too. */
void extension_aki(struct der *d, struct keyid *out);
