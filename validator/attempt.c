/* SPDX-License-Identifier: BSD-2-Clause */
/* attempt - see attempt.h. */
#include "validator/attempt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/inject.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/uri.h"
#include "crypto/digest.h"
#include "object/crl.h"
#include "store/objects.h"

static bool
fail(struct attempt *a, enum fault fault, const char *uri)
{
	if (a->fault == FAULT_NONE) {
		a->fault = fault;
		a->fault_uri = arena_text(a->judge->arena, uri);
		a->fault_object = a->object.hash;
	}
	return false;
}

/* The manifest fails because of another object. */
static bool
fail_object(struct attempt *a, enum fault fault,
    const struct signed_object *object)
{
	if (a->fault == FAULT_NONE) {
		(void)fail(a, fault, object->uri);
		a->fault_object = object->hash;
	}
	return false;
}

static bool
fail_absent(struct attempt *a, enum fault fault, const char *uri)
{
	a->absent = true;
	return fail(a, fault, uri);
}

/* Until the next object: there may be many, and their URIs long. */
static const char *
file_uri(const struct attempt *a, struct bytes name)
{
	return uri_join(a->folder, name, a->judge->scratch);
}

/* From now on this is what we would die of; unless we did so before. */
static bool
take_up(struct attempt *a, const struct signed_object *object)
{
	const struct point_court *court = a->judge->court;

	if (court->ward != NULL &&
	    ward_has(court->ward, QUARANTINE_OBJECT, &object->hash)) {
		a->absent = true;
		return fail_object(a, FAULT_QUARANTINED, object);
	}
	blackbox_hold(a->judge->slot, BLACKBOX_OBJECT, &object->hash,
	    object->uri);
	inject_at(object->uri);
	return true;
}

static bool
open_manifest(struct attempt *attempt)
{
	enum fault fault = signed_decode(&attempt->content, &attempt->object,
	    attempt->judge->arena);
	const struct manifest *m = &attempt->content.manifest;
	const char *uri = attempt->object.uri, *own = uri_name(uri);

	attempt->folder =
	    arena_printf(attempt->judge->arena, "%.*s", (int)(own - uri), uri);
	if (fault != FAULT_NONE) {
		return fail(attempt, fault, attempt->object.uri);
	}
	if (m->count > attempt->judge->court->policy->max_manifest_entries) {
		return fail(attempt, FAULT_MANIFEST_LIMIT, attempt->object.uri);
	}
	fault = manifest_names_itself(m, text_bytes(own));
	if (fault != FAULT_NONE) {
		return fail(attempt, fault, attempt->object.uri);
	}
	for (size_t i = 0; i < m->count; i++) {
		attempt->taks += kind_of_name(m->entries[i].name) == KIND_TAK;
	}
	return true;
}

bool
attempt_open(struct attempt *attempt)
{
	bool good =
	    take_up(attempt, &attempt->object) && open_manifest(attempt);

	blackbox_release(attempt->judge->slot);
	return good;
}

/* What may stand in a folder beside what a manifest lists, for it to be looked
 * at as a whole. Where a thousand CAs share one, each would look at what all of
 * them have in it: there, what is listed is looked up. */
enum { FOLDER_SPARE = 16, FOLDER_LISTED = 1 << 20 };

static void
look_at_folder(struct attempt *a)
{
	size_t listed = a->content.manifest.count;
	uint32_t most =
	    listed < FOLDER_LISTED ? 2 * (uint32_t)listed + FOLDER_SPARE : 0;

	if (a->from == ATTEMPT_MIRROR && a->job->mirror != 0 && most != 0 &&
	    mirror_shelf(a->txn, a->job->mirror, a->folder, most, &a->shelf,
		a->judge->arena) == 0) {
		a->most = most;
	}
}

static int
look_up(const struct attempt *a, const char *uri, struct hash *held)
{
	if (a->most != 0) {
		return mirror_shelf_find(&a->shelf, uri, held);
	}
	return a->job->mirror == 0
		   ? -ENOENT
		   : mirror_find(a->txn, a->job->mirror, uri, held);
}

static bool
entry_present(struct attempt *a, const struct manifest_entry *entry)
{
	const char *uri = file_uri(a, entry->name);
	struct hash held;
	int rc;

	if (a->from == ATTEMPT_KEPT) {
		return objects_has(a->txn, &entry->hash)
			   ? true
			   : fail_absent(a, FAULT_MANIFEST_FILE_MISSING, uri);
	}
	rc = look_up(a, uri, &held);
	if (rc == -ENOENT) {
		return fail_absent(a, FAULT_MANIFEST_FILE_MISSING, uri);
	}
	if (rc != 0) {
		a->machine = rc;
		return fail_absent(a, FAULT_STORE_IO, uri);
	}
	return hash_equal(&held, &entry->hash)
		   ? true
		   : fail_absent(a, FAULT_MANIFEST_FILE_HASH, uri);
}

bool
attempt_complete(struct attempt *attempt)
{
	const struct manifest *m = &attempt->content.manifest;

	look_at_folder(attempt);
	for (size_t i = 0; i < m->count; i++) {
		if (!entry_present(attempt, &m->entries[i])) {
			return false;
		}
		arena_reset(attempt->judge->scratch);
	}
	attempt->complete = true;
	return true;
}

void
attempt_lacks(struct attempt *a, const struct signed_object *object)
{
	uint64_t most = a->judge->court->policy->max_object_size;

	a->hole = !mirror_bare(a->txn, a->job->mirror, object->uri, 0);
	if (!a->hole &&
	    !mirror_bare(a->txn, a->job->mirror, object->uri, most)) {
		a->damaged = true;
		a->spoilt = object->hash;
	}
}

/* What the mirror lists without its octets was too large to be kept. */
static bool
fetch_entry(struct attempt *a, const struct manifest_entry *entry,
    struct signed_object *object)
{
	int rc;

	*object = (struct signed_object){
		.kind = kind_of_name(entry->name),
		.uri = file_uri(a, entry->name),
		.hash = entry->hash,
	};
	rc = objects_get(a->txn, &entry->hash, &object->octets);
	if (rc == 0) {
		return take_up(a, object);
	}
	a->machine = rc == -ENOENT || rc == -EBADMSG ? 0 : rc;
	if (rc == -EBADMSG) {
		a->damaged = true;
		a->spoilt = entry->hash;
	}
	if (rc == -ENOENT && a->from == ATTEMPT_MIRROR) {
		attempt_lacks(a, object);
	}
	return fail_absent(a,
	    rc != -ENOENT               ? FAULT_STORE_IO
	    : a->from == ATTEMPT_MIRROR ? FAULT_OBJECT_SIZE
					: FAULT_MANIFEST_FILE_MISSING,
	    object->uri);
}

static void
add_finding(struct attempt *a, enum fault fault,
    const struct signed_object *object)
{
	answer_finding(a->answer, &(struct answer_finding){ .fault = fault,
				      .uri = object->uri,
				      .object = object->hash });
}

static void
add_oddities(struct attempt *a, const struct oddities *odd,
    const struct signed_object *object)
{
	for (unsigned i = 0; i < odd->count; i++) {
		add_finding(a, (enum fault)odd->list[i], object);
	}
}

/* Past its nextUpdate: as the operator wants it (RFC 9286 6.3). */
static bool
take_stale(struct attempt *a, enum fault fault,
    const struct signed_object *object, int64_t end)
{
	uint64_t action = a->judge->court->policy->stale;
	char when[CLOCK_TEXT];

	clock_text(end, when);
	if (action == POLICY_REJECT) {
		a->detail = arena_printf(a->judge->arena, "%s%s%s",
		    a->detail == NULL ? "" : a->detail,
		    a->detail == NULL ? "" : ", ", when);
		return fail_object(a, fault, object);
	}
	if (action == POLICY_WARN) {
		answer_finding(a->answer,
		    &(struct answer_finding){ .fault = fault,
			.uri = object->uri,
			.detail = when,
			.object = object->hash });
	}
	answer_count(a->answer,
	    fault == FAULT_CRL_STALE ? REPORT_STALE_CRLS
				     : REPORT_STALE_MANIFESTS,
	    1);
	return true;
}

static bool
check_manifest_time(struct attempt *a)
{
	const struct manifest *m = &a->content.manifest;

	if (!span_reached(a->span, m->this_update)) {
		return fail(a, FAULT_MANIFEST_PREMATURE, a->object.uri);
	}
	if (span_reached(a->span, m->next_update + 1)) {
		return take_stale(a, FAULT_MANIFEST_STALE, &a->object,
		    m->next_update);
	}
	return true;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * When the first of what vouches for a point's objects ends. Who lives with
 * stale manifests keeps what they vouch for, but no certificate lives longer.
 */
static int64_t
first_end(const struct attempt *a, const struct crl *crl)
{
	int64_t end = a->content.cms.ee.not_after;

	return a->judge->court->policy->stale == POLICY_REJECT
		   ? earlier(end, earlier(a->content.manifest.next_update,
				      crl->next_update))
		   : end;
}

/* The one CRL: listed, named by the manifest's EE, the CA's, current. */
static bool
open_crl(struct attempt *a, struct chain *chain, struct crl *crl)
{
	const struct manifest *m = &a->content.manifest;
	const struct manifest_entry *entry = &m->entries[m->crl];
	struct signed_object object;
	enum fault fault;

	if (!fetch_entry(a, entry, &object)) {
		return false;
	}
	object.uri = arena_text(a->judge->arena, object.uri);
	if (!cert_names(a->content.cms.ee.crl_uris, object.uri)) {
		return fail(a, FAULT_MANIFEST_CRL_URI, a->object.uri);
	}
	fault = crl_decode(crl, object.octets, a->judge->arena);
	if (fault == FAULT_NONE) {
		fault = chain_crl(chain, crl);
	}
	if (fault == FAULT_CRL_STALE) {
		fault = take_stale(a, fault, &object, crl->next_update)
			    ? FAULT_NONE
			    : fault;
	}
	if (fault != FAULT_NONE) {
		answer_count(a->answer, REPORT_INVALID_CRLS, 1);
		return fail_object(a, fault, &object);
	}
	add_oddities(a, &crl->odd, &object);
	answer_count(a->answer, REPORT_VALID_CRLS, 1);
	chain->crl = crl;
	chain->crl_uri = object.uri;
	a->stale = first_end(a, crl);
	fault = chain_revoked(chain, &a->content.cms.ee);
	return fault == FAULT_NONE ? true : fail(a, fault, a->object.uri);
}

static void
emit_router(struct attempt *a, const struct cert *cert,
    const struct signed_object *object)
{
	struct router_key key = {
		.ski = cert->ski,
		.spki = cert->spki.at,
		.spki_len = (uint16_t)cert->spki.len,
	};

	answer_count(a->answer, REPORT_VALID_ROUTER_CERTS, 1);
	answer_source(a->answer, &(struct answer_source){ .kind = SOURCE_CERT,
				     .uri = object->uri,
				     .object = object->hash,
				     .not_before = cert->not_before,
				     .not_after = cert->not_after });
	for (size_t i = 0; i < cert->resources.as.count; i++) {
		const struct as_range *r = &cert->resources.as.ranges[i];

		/* cert_decode() bounds how many there are. */
		for (uint64_t asn = r->min; asn <= r->max; asn++) {
			key.asn = (uint32_t)asn;
			answer_router_key(a->answer, &key);
		}
	}
}

static enum fault
judge_cert(struct attempt *a, const struct chain *chain,
    const struct signed_object *object)
{
	struct cert cert;
	struct resources effective;
	struct ca_seed seed;
	enum fault fault =
	    cert_decode(&cert, CERT_CA, object->octets, a->judge->scratch);

	if (fault == FAULT_NONE) {
		fault = chain_cert(chain, &cert, &effective);
	}
	if (fault != FAULT_NONE) {
		return fault;
	}
	add_oddities(a, &cert.odd, object);
	if (cert.kind == CERT_ROUTER) {
		emit_router(a, &cert, object);
		return FAULT_NONE;
	}
	answer_count(a->answer, REPORT_VALID_CA_CERTS, 1);
	seed = ca_seed_of(&cert, object->uri, a->stale);
	answer_child(a->answer, &seed);
	return FAULT_NONE;
}

static enum fault
judge_signed(struct attempt *a, const struct chain *chain,
    const struct signed_object *object)
{
	struct signed_content content;
	enum fault fault =
	    signed_judge(&content, object, chain, a->judge->scratch);

	if (fault == FAULT_NONE && object->kind == KIND_TAK && a->taks > 1) {
		fault = FAULT_TAK_SEVERAL;
	}
	if (fault == FAULT_NONE) {
		add_oddities(a, &content.cms.odd, object);
		add_oddities(a, &content.cms.ee.odd, object);
		signed_emit(&content, object, a->answer);
	}
	return fault;
}

/* A kind we do not know, or that has no business here: hash only. */
static bool
pass_over(struct attempt *a, const struct signed_object *object)
{
	uint64_t action = a->judge->court->policy->unknown_objects;

	answer_count(a->answer, REPORT_OTHER_OBJECTS, 1);
	if (action == POLICY_REJECT) {
		return fail_object(a, FAULT_OBJECT_UNKNOWN, object);
	}
	if (action == POLICY_WARN) {
		add_finding(a, FAULT_OBJECT_UNKNOWN, object);
	}
	return true;
}

static bool
judge_entry(struct attempt *a, const struct chain *chain,
    const struct manifest_entry *entry)
{
	struct signed_object object;
	enum fault fault;

	if (!fetch_entry(a, entry, &object)) {
		return false;
	}
	if (object.octets.len > a->judge->court->policy->max_object_size) {
		fault = FAULT_OBJECT_SIZE;
	} else if (object.kind == KIND_CERT) {
		fault = judge_cert(a, chain, &object);
	} else if (signed_published(object.kind) &&
		   object.kind != KIND_MANIFEST) {
		fault = judge_signed(a, chain, &object);
	} else {
		return pass_over(a, &object);
	}
	if (fault != FAULT_NONE) {
		add_finding(a, fault, &object);
		answer_count(a->answer,
		    object.kind == KIND_CERT ? REPORT_INVALID_CERTS
					     : signed_invalid(object.kind),
		    1);
	}
	return true;
}

static bool
judge_listed(struct attempt *a, const struct chain *chain)
{
	const struct manifest *m = &a->content.manifest;

	for (size_t i = 0; i < m->count; i++) {
		if (i != m->crl && !judge_entry(a, chain, &m->entries[i])) {
			return false;
		}
		arena_reset(a->judge->scratch);
		if (verify_spoilt(a->judge->verifier)) {
			return false; /* attempt_run() begins again */
		}
		if (a->answer->len > LIMIT_POINT_ANSWER) {
			return fail(a, FAULT_POINT_LIMIT, a->object.uri);
		}
	}
	return true;
}

static bool
judge_point(struct attempt *a, struct chain *chain)
{
	struct crl crl;
	enum fault fault;

	if (!check_manifest_time(a)) {
		return false;
	}
	fault = signed_prove(&a->content, chain);
	if (fault != FAULT_NONE) {
		return fail(a, fault, a->object.uri);
	}
	if (!open_crl(a, chain, &crl) ||
	    !(a->complete || attempt_complete(a))) {
		return false;
	}
	add_oddities(a, &a->content.cms.odd, &a->object);
	add_oddities(a, &a->content.cms.ee.odd, &a->object);
	answer_count(a->answer, REPORT_VALID_MANIFESTS, 1);
	return judge_listed(a, chain);
}

static bool
judge_with_key(struct attempt *attempt)
{
	const struct point_court *court = attempt->judge->court;
	const struct ca *ca = attempt->job->ca;
	struct chain chain = {
		.issuer = ca,
		.key = key_rsa(ca->own.modulus),
		.verifier = attempt->judge->verifier,
		.constraints = &court->constraints[ca->ta],
		.span = attempt->span,
		.strict = court->policy->strict,
		.most_blocks = court->policy->max_blocks,
	};
	bool good;

	blackbox_hold(attempt->judge->slot, BLACKBOX_OBJECT,
	    &attempt->object.hash, attempt->object.uri);
	good = chain.key != NULL
		   ? judge_point(attempt, &chain)
		   : fail(attempt, FAULT_CHAIN_SIGNATURE, ca->own.uri);
	blackbox_release(attempt->judge->slot);
	key_free(chain.key);
	return good;
}

/*
 * Signatures are taken for good until eight wait to be verified at once. Should
 * one be bad, which is rare, what came of it is as if it had never been, and
 * each is verified where it stands.
 */
bool
attempt_run(struct attempt *attempt)
{
	struct verifier *verifier = attempt->judge->verifier;
	const struct attempt before = *attempt;
	const struct span span = *attempt->span;
	size_t written = attempt->answer->len;
	bool good;

	verify_defer(verifier);
	good = judge_with_key(attempt);
	if (verify_settle(verifier)) {
		return good;
	}
	*attempt = before;
	*attempt->span = span;
	attempt->answer->len = written;
	return judge_with_key(attempt);
}
