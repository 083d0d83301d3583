/* SPDX-License-Identifier: BSD-2-Clause */
/* chain - see chain.h. */
#include "validator/chain.h"

#include "crypto/digest.h"
#include "object/name.h"

enum fault
chain_odd(const struct chain *chain, const struct oddities *odd)
{
	return chain->strict && odd->count > 0 ? (enum fault)odd->list[0]
					       : FAULT_NONE;
}

static bool
signed_by_issuer(const struct chain *chain, struct bytes tbs,
    struct bytes signature)
{
	struct hash digest;

	digest_of(tbs, &digest);
	return verify_rsa(chain->verifier, chain->key, &digest, signature);
}

static enum fault
check_issuer(const struct chain *chain, const struct cert *cert)
{
	if (!cert->has_aki ||
	    !hash_keyid_equal(&cert->aki, &chain->issuer->own.ski)) {
		return FAULT_CHAIN_AKI;
	}
	if (!name_equal(cert->issuer, chain->issuer->own.subject)) {
		return FAULT_CHAIN_ISSUER;
	}
	return FAULT_NONE;
}

static enum fault
check_time(const struct chain *chain, const struct cert *cert)
{
	if (!span_reached(chain->span, cert->not_before)) {
		return FAULT_CHAIN_PREMATURE;
	}
	if (span_reached(chain->span, cert->not_after + 1)) {
		return FAULT_CHAIN_EXPIRED;
	}
	return FAULT_NONE;
}

enum fault
chain_revoked(const struct chain *chain, const struct cert *cert)
{
	if (!cert_names(cert->crl_uris, chain->crl_uri)) {
		return FAULT_CHAIN_CRL_URI;
	}
	if (crl_revokes(chain->crl, cert->serial)) {
		return FAULT_CHAIN_REVOKED;
	}
	return FAULT_NONE;
}

enum fault
chain_cert(const struct chain *chain, const struct cert *cert,
    struct resources *effective)
{
	enum fault fault = check_issuer(chain, cert);

	if (fault == FAULT_NONE) {
		fault = chain_odd(chain, &cert->odd);
	}
	if (fault == FAULT_NONE) {
		fault = check_time(chain, cert);
	}
	if (fault == FAULT_NONE &&
	    resources_blocks(&cert->resources) > chain->most_blocks) {
		fault = FAULT_RESOURCES_LIMIT;
	}
	if (fault == FAULT_NONE) {
		fault = resources_effective(effective, &cert->resources,
		    &chain->issuer->resources);
	}
	if (fault == FAULT_NONE && !constraints_allow(chain->constraints,
				       &cert->resources, cert->kind)) {
		fault = FAULT_TA_CONSTRAINT;
	}
	if (fault == FAULT_NONE && chain->crl != NULL) {
		fault = chain_revoked(chain, cert);
	}
	if (fault == FAULT_NONE &&
	    !signed_by_issuer(chain, cert->tbs, cert->signature)) {
		fault = FAULT_CHAIN_SIGNATURE;
	}
	return fault;
}

enum fault
chain_crl(const struct chain *chain, const struct crl *crl)
{
	enum fault odd = chain_odd(chain, &crl->odd);

	if (!name_equal(crl->issuer, chain->issuer->own.subject)) {
		return FAULT_CRL_ISSUER;
	}
	if (!hash_keyid_equal(&crl->aki, &chain->issuer->own.ski)) {
		return FAULT_CRL_KEY;
	}
	if (odd != FAULT_NONE) {
		return odd;
	}
	if (!span_reached(chain->span, crl->this_update)) {
		return FAULT_CRL_PREMATURE;
	}
	if (!signed_by_issuer(chain, crl->tbs, crl->signature)) {
		return FAULT_CRL_SIGNATURE;
	}
	if (span_reached(chain->span, crl->next_update + 1)) {
		return FAULT_CRL_STALE;
	}
	return FAULT_NONE;
}
