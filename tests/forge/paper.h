/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * paper - certificates and revocation lists, as RFC 6487 wants them unless
 * edits say otherwise.
 *
 * Names an edit can use: certificate tbs version serial tbs.sigalg issuer
 * issuer.name validity notBefore notAfter subject subject.name spki extensions
 * sigalg signature; and the extensions bc ski aki ku eku crldp aia sia policy
 * ip as, each whole, with .critical and .value, ski.id aki.seq aki.id ku.bits
 * bc.ca crldp.uri aia.uri sia.repo sia.manifest sia.notify sia.object ip.blocks
 * as.ids. A CRL has: crl tbs version tbs.sigalg issuer thisUpdate nextUpdate
 * revoked extensions aki crlNumber sigalg signature.
 */
#pragma once

#include "tests/forge/ink.h"
#include "tests/forge/key.h"
#include "tests/forge/span.h"

enum paper_kind { PAPER_ANCHOR, PAPER_CA, PAPER_EE, PAPER_ROUTER };

struct paper {
	enum paper_kind kind;
	uint64_t serial;
	const char *issuer; /* common names */
	const char *subject;
	int64_t from, until;
	const struct key *key;    /* the subject's */
	const struct key *signer; /* the issuer's */
	const struct spans *resources;
	const char *crl_uri, *issuer_uri;                 /* NULL: left out */
	const char *repo_uri, *manifest_uri, *notify_uri; /* CA's SIA */
	const char *object_uri;                           /* EE's SIA */
};

void paper_certificate(struct ink *k, const struct paper *paper);

struct paper_crl {
	const struct key *signer;
	uint64_t number;
	int64_t from, until;
	const uint64_t *serials; /* revoked */
	size_t count;
};

void paper_crl(struct ink *k, const struct paper_crl *crl);
