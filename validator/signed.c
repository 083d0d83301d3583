/* SPDX-License-Identifier: BSD-2-Clause */
/* signed - see signed.h. */
#include "validator/signed.h"

#include "payload/report.h"
#include "validator/answer.h"

static enum fault
read_manifest(struct signed_content *c, struct arena *arena)
{
	enum fault fault = manifest_decode(&c->manifest, c->cms.content, arena);

	c->opened = fault == FAULT_NONE;
	return c->opened ? manifest_covered(&c->manifest, &c->cms.ee) : fault;
}

static enum fault
read_roa(struct signed_content *c, struct arena *arena)
{
	enum fault fault = roa_decode(&c->roa, c->cms.content, arena);

	c->opened = fault == FAULT_NONE;
	return c->opened ? roa_covered(&c->roa, &c->cms.ee) : fault;
}

static enum fault
read_aspa(struct signed_content *c, struct arena *arena)
{
	enum fault fault = aspa_decode(&c->aspa, c->cms.content, arena);

	c->opened = fault == FAULT_NONE;
	return c->opened ? aspa_covered(&c->aspa, &c->cms.ee) : fault;
}

static enum fault
read_tak(struct signed_content *c, struct arena *arena)
{
	enum fault fault = tak_decode(&c->tak, c->cms.content, arena);

	c->opened = fault == FAULT_NONE;
	return c->opened ? tak_covered(&c->tak, &c->cms.ee) : fault;
}

static enum fault
read_gbr(struct signed_content *c, struct arena *arena)
{
	enum fault fault = gbr_decode(&c->gbr, c->cms.content, arena);

	c->cms.odd = c->gbr.odd;
	c->opened = true; /* text, also where it is no vCard */
	return fault == FAULT_NONE ? gbr_covered(&c->gbr, &c->cms.ee) : fault;
}

static enum fault
read_spl(struct signed_content *c, struct arena *arena)
{
	enum fault fault = spl_decode(&c->spl, c->cms.content, arena);

	c->opened = fault == FAULT_NONE;
	return c->opened ? spl_covered(&c->spl, &c->cms.ee) : fault;
}

static enum fault
read_rsc(struct signed_content *c, struct arena *arena)
{
	enum fault fault = rsc_decode(&c->rsc, c->cms.content, arena);

	c->opened = fault == FAULT_NONE;
	return c->opened ? rsc_covered(&c->rsc, &c->cms.ee) : fault;
}

/* A TAK speaks for the key of its own trust anchor (RFC 9691 2.3). */
static enum fault
check_tak(const struct signed_content *c, const struct chain *chain)
{
	return chain->issuer->depth != 0
		   ? FAULT_TAK_MISMATCH
		   : tak_matches(&c->tak, chain->issuer->own.spki);
}

static enum fault
check_roa(const struct signed_content *c, const struct chain *chain)
{
	return c->roa.count > chain->most_blocks ? FAULT_ROA_LIMIT : FAULT_NONE;
}

static enum fault
check_spl(const struct signed_content *c, const struct chain *chain)
{
	return c->spl.count > chain->most_blocks ? FAULT_SPL_LIMIT : FAULT_NONE;
}

static void
emit_roa(const struct signed_content *c, struct octets *answer)
{
	for (size_t i = 0; i < c->roa.count; i++) {
		const struct roa_prefix *p = &c->roa.prefixes[i];
		struct vrp vrp = { .prefix = p->prefix,
			.max_length = p->max_length,
			.asn = c->roa.asn };

		answer_vrp(answer, &vrp);
	}
}

static void
emit_aspa(const struct signed_content *c, struct octets *answer)
{
	answer_aspa(answer, c->aspa.customer, c->aspa.providers, c->aspa.count);
}

static const struct {
	enum fault (*read)(struct signed_content *c, struct arena *arena);
	enum fault (*check)(const struct signed_content *c,
	    const struct chain *chain); /* NULL: nothing more */
	void (*emit)(const struct signed_content *c, struct octets *answer);
	enum source_kind source;
	enum report_counter valid, invalid;
	bool unpublished; /* handed on by other ways than repositories */
} rows[KIND_COUNT] = {
	[KIND_MANIFEST] = { .read = read_manifest,
	    .source = SOURCE_ROA,
	    .valid = REPORT_VALID_MANIFESTS,
	    .invalid = REPORT_INVALID_MANIFESTS },
	[KIND_ROA] = { .read = read_roa,
	    .check = check_roa,
	    .emit = emit_roa,
	    .source = SOURCE_ROA,
	    .valid = REPORT_VALID_ROAS,
	    .invalid = REPORT_INVALID_ROAS },
	[KIND_ASPA] = { .read = read_aspa,
	    .emit = emit_aspa,
	    .source = SOURCE_ASPA,
	    .valid = REPORT_VALID_ASPAS,
	    .invalid = REPORT_INVALID_ASPAS },
	[KIND_TAK] = { .read = read_tak,
	    .check = check_tak,
	    .source = SOURCE_ROA,
	    .valid = REPORT_VALID_TAKS,
	    .invalid = REPORT_INVALID_TAKS },
	[KIND_GBR] = { .read = read_gbr,
	    .source = SOURCE_ROA,
	    .valid = REPORT_VALID_GBRS,
	    .invalid = REPORT_INVALID_GBRS },
	[KIND_SPL] = { .read = read_spl,
	    .check = check_spl,
	    .source = SOURCE_ROA,
	    .valid = REPORT_VALID_SPLS,
	    .invalid = REPORT_INVALID_SPLS },
	[KIND_RSC] = { .read = read_rsc,
	    .source = SOURCE_ROA,
	    .valid = REPORT_OTHER_OBJECTS,
	    .invalid = REPORT_OTHER_OBJECTS,
	    .unpublished = true },
};

bool
signed_knows(enum kind kind)
{
	return rows[kind].read != NULL;
}

bool
signed_published(enum kind kind)
{
	return signed_knows(kind) && !rows[kind].unpublished;
}

static bool
right_place(const struct cert *ee, const struct signed_object *object)
{
	return rows[object->kind].unpublished || object->uri == NULL ||
	       cert_names(ee->object_uris, object->uri);
}

enum fault
signed_decode(struct signed_content *content,
    const struct signed_object *object, struct arena *arena)
{
	enum fault fault;

	content->opened = false;
	fault = cms_open(&content->cms,
	    rows[object->kind].unpublished ? CMS_PROFILE_BARE
					   : CMS_PROFILE_PUBLISHED,
	    object->octets, arena);

	if (fault != FAULT_NONE) {
		return fault;
	}
	if (!bytes_equal(content->cms.type, kind_oid(object->kind))) {
		return FAULT_CMS_KIND;
	}
	if (!right_place(&content->cms.ee, object)) {
		return FAULT_CMS_LOCATION;
	}
	return rows[object->kind].read(content, arena);
}

bool
signed_reopen(struct signed_content *content, enum kind kind,
    struct arena *arena)
{
	content->opened = false;
	if (signed_knows(kind) && content->cms.content.len > 0) {
		(void)rows[kind].read(content, arena);
	}
	return content->opened;
}

enum fault
signed_prove(const struct signed_content *content, const struct chain *chain)
{
	const struct cms *cms = &content->cms;
	struct resources effective;
	enum fault fault = chain_odd(chain, &cms->odd);

	if (fault == FAULT_NONE) {
		fault = chain_cert(chain, &cms->ee, &effective);
	}
	if (fault != FAULT_NONE) {
		return fault;
	}
	return verify_once(chain->verifier, cms->ee.modulus,
		   &cms->signed_digest, cms->signature)
		   ? FAULT_NONE
		   : FAULT_OBJECT_SIGNATURE;
}

enum fault
signed_judge(struct signed_content *content, const struct signed_object *object,
    const struct chain *chain, struct arena *arena)
{
	enum fault fault = signed_decode(content, object, arena);

	if (fault == FAULT_NONE && rows[object->kind].check != NULL) {
		fault = rows[object->kind].check(content, chain);
	}
	return fault != FAULT_NONE ? fault : signed_prove(content, chain);
}

void
signed_emit(const struct signed_content *content,
    const struct signed_object *object, struct octets *answer)
{
	const struct cert *ee = &content->cms.ee;

	answer_count(answer, rows[object->kind].valid, 1);
	if (rows[object->kind].emit == NULL) {
		return;
	}
	answer_source(answer, &(struct answer_source){
				  .kind = rows[object->kind].source,
				  .uri = object->uri,
				  .object = object->hash,
				  .not_before = ee->not_before,
				  .not_after = ee->not_after,
			      });
	rows[object->kind].emit(content, answer);
}

enum report_counter
signed_invalid(enum kind kind)
{
	return rows[kind].invalid;
}
