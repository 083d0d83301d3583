/* SPDX-License-Identifier: BSD-2-Clause */
/* vouch - see vouch.h. */
#include "validator/vouch.h"

#include "crypto/key.h"
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
