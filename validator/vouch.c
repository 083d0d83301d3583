/* SPDX-License-Identifier: BSD-2-Clause */
/* vouch - see vouch.h. */
#include "validator/vouch.h"

#include <string.h>

#include "base/uri.h"
#include "crypto/digest.h"
#include "crypto/key.h"
#include "object/spki.h"
#include "validator/span.h"

static enum fault
judge_manifest_time(const struct manifest *m, struct span *span)
{
	if (!span_reached(span, m->this_update)) {
		return FAULT_MANIFEST_PREMATURE;
	}
	return span_reached(span, m->next_update + 1) ? FAULT_MANIFEST_STALE
						      : FAULT_NONE;
}

static enum fault
judge(const struct chain *chain, const struct specimen *specimen,
    struct arena *arena)
{
	const struct signed_object object = { .kind = specimen->kind,
		.hash = specimen->hash,
		.octets = specimen->octets };
	struct signed_content content;
	struct resources effective;
	enum fault fault;

	switch (specimen->sort) {
	case SPECIMEN_CERT:
		return chain_cert(chain, &specimen->cert, &effective);
	case SPECIMEN_CRL:
		return chain_crl(chain, &specimen->crl);
	case SPECIMEN_SIGNED:
		fault = signed_judge(&content, &object, chain, arena);
		return fault == FAULT_NONE && object.kind == KIND_MANIFEST
			   ? judge_manifest_time(&content.manifest, chain->span)
			   : fault;
	case SPECIMEN_TAL:
	case SPECIMEN_RRDP:
	case SPECIMEN_STRANGE:
	case SPECIMEN_SORTS:
		break;
	}
	return FAULT_OBJECT_UNKNOWN;
}

enum fault
vouch_for(const struct walk *walk, const struct roster *roster,
    const struct specimen *specimen, struct arena *arena)
{
	const struct ca *ca = roster->spot->ca;
	struct span span = span_at(walk->now);
	struct chain chain = {
		.issuer = ca,
		.key = key_rsa(ca->own.modulus),
		.verifier = verify_new(),
		.constraints = &walk->anchors[ca->ta].constraints,
		.crl = roster->crl_open ? &roster->crl : NULL,
		.crl_uri = roster->crl_uri,
		.span = &span,
		.strict = walk->policy->strict,
		.most_blocks = walk->policy->max_blocks,
	};
	enum fault fault = chain.key != NULL ? judge(&chain, specimen, arena)
					     : FAULT_CHAIN_SIGNATURE;

	verify_free(chain.verifier);
	key_free(chain.key);
	return fault;
}

/* Where it should be, only the last part of a URI can tell. */
static bool
ends_in(const char *const *uris, struct bytes name)
{
	for (; *uris != NULL; uris++) {
		const char *last = uri_name(*uris);

		if (bytes_equal(bytes_of(last, strlen(last)), name)) {
			return true;
		}
	}
	return false;
}

static enum fault
check_manifest(const struct manifest *m, const struct cert *ee)
{
	const char *own = uri_name(ee->object_uri);
	enum fault fault = manifest_names_itself(m, bytes_of(own, strlen(own)));

	if (fault != FAULT_NONE) {
		return fault;
	}
	return ends_in(ee->crl_uris, m->entries[m->crl].name)
		   ? FAULT_NONE
		   : FAULT_MANIFEST_CRL_URI;
}

/* Of the trust anchor's key, its EE certificate has the identifier. */
static enum fault
check_tak(const struct tak *tak, const struct cert *ee)
{
	struct keyid current;

	return spki_keyid(tak->current.spki, &current) &&
		       hash_keyid_equal(&current, &ee->aki)
		   ? FAULT_NONE
		   : FAULT_TAK_MISMATCH;
}

static enum fault
check_signed(const struct specimen *specimen, struct verifier *verifier)
{
	const struct cms *cms = &specimen->content.cms;
	enum fault fault = FAULT_NONE;

	if (specimen->kind == KIND_MANIFEST) {
		fault = check_manifest(&specimen->content.manifest, &cms->ee);
	} else if (specimen->kind == KIND_TAK) {
		fault = check_tak(&specimen->content.tak, &cms->ee);
	}
	if (fault != FAULT_NONE) {
		return fault;
	}
	return verify_once(verifier, cms->ee.modulus, &cms->signed_digest,
		   cms->signature)
		   ? FAULT_NONE
		   : FAULT_OBJECT_SIGNATURE;
}

static enum fault
check_anchor(const struct cert *cert, struct verifier *verifier)
{
	struct hash digest;

	digest_of(cert->tbs, &digest);
	return verify_once(verifier, cert->modulus, &digest, cert->signature)
		   ? FAULT_NONE
		   : FAULT_TA_SIGNATURE;
}

enum fault
vouch_alone(const struct specimen *specimen)
{
	struct verifier *verifier = verify_new();
	enum fault fault = FAULT_NONE;

	if (specimen->sort == SPECIMEN_SIGNED) {
		fault = check_signed(specimen, verifier);
	} else if (specimen->sort == SPECIMEN_CERT &&
		   specimen->cert.kind == CERT_TA) {
		fault = check_anchor(&specimen->cert, verifier);
	}
	verify_free(verifier);
	return fault;
}
