/* SPDX-License-Identifier: BSD-2-Clause */
/* portrait - see portrait.h. */
#include "validator/portrait.h"

#include "base/text.h"
#include "object/der.h"
#include "object/name.h"
#include "object/oid.h"
#include "object/spki.h"
#include "validator/gazette.h"

static void
show_uri(struct sheet *s, const char *key, const char *label, const char *uri)
{
	if (uri != NULL) {
		sheet_text(s, key, label, text_bytes(uri));
	}
}

static void
show_name(struct sheet *s, const char *key, const char *label,
    struct bytes name)
{
	struct octets text = { 0 };

	if (name.len > 0) {
		name_text(&text, name);
		sheet_text(s, key, label, octets_bytes(&text));
		octets_clear(&text);
	}
}

static void
show_oid(struct sheet *s, const char *key, const char *label, struct bytes oid)
{
	struct octets text = { 0 };

	if (oid.len > 0) {
		oid_text(&text, oid);
		if (oid_of(oid) != OID_UNKNOWN) {
			octets_printf(&text, " %s", oid_name(oid_of(oid)));
		}
		sheet_text(s, key, label, octets_bytes(&text));
		octets_clear(&text);
	}
}

static void
show_prefix(struct sheet *s, const char *key, const struct ip_prefix *prefix)
{
	char text[IP_TEXT];

	ip_prefix_text(prefix, text);
	sheet_word(s, key, NULL, text);
}

/* The name of a key: what an SKI holds. */
static void
show_spki(struct sheet *s, struct bytes spki)
{
	struct keyid id;

	if (spki_keyid(spki, &id)) {
		sheet_keyid(s, "key_id", "Key identifier", &id);
	}
	sheet_base64(s, "public_key", "Public key", spki);
}

/* --- resources */

static void
show_one(struct sheet *s, const struct resources *one)
{
	struct octets text = { 0 };

	resources_text(&text, one);
	sheet_text(s, NULL, NULL, octets_bytes(&text));
	octets_clear(&text);
}

static void
show_ranges(struct sheet *s, const struct ip_set *set, bool v4)
{
	if (set->choice == RESOURCE_INHERIT) {
		sheet_word(s, NULL, NULL, v4 ? "inherit IPv4" : "inherit IPv6");
	}
	for (size_t i = 0; i < set->count; i++) {
		struct ip_set single = { .choice = RESOURCE_LIST,
			.count = 1,
			.ranges = &set->ranges[i] };
		struct resources one = { .v4.choice = RESOURCE_ABSENT };

		*(v4 ? &one.v4 : &one.v6) = single;
		show_one(s, &one);
	}
}

/* Prefixes, ranges and AS numbers as one list. */
static void
show_resources(const struct resources *r, const char *key, const char *label,
    struct sheet *s)
{
	sheet_list(s, key, label);
	if (r->as.choice == RESOURCE_INHERIT) {
		sheet_word(s, NULL, NULL, "inherit AS");
	}
	for (size_t i = 0; i < r->as.count; i++) {
		struct resources one = { .as = { .choice = RESOURCE_LIST,
					     .count = 1,
					     .ranges = &r->as.ranges[i] } };

		show_one(s, &one);
	}
	show_ranges(s, &r->v4, true);
	show_ranges(s, &r->v6, false);
	sheet_list_end(s);
}

/* --- certificates and CRLs */

static const char *
purpose(enum cert_kind kind)
{
	switch (kind) {
	case CERT_TA:
		return "trust anchor";
	case CERT_CA:
		return "ca";
	case CERT_EE:
		return "ee";
	case CERT_ROUTER:
		return "bgpsec router";
	}
	return "unknown";
}

static void
show_places(struct sheet *s, const struct cert *cert)
{
	show_uri(s, "aia", "Authority info", cert->issuer_uri);
	show_uri(s, "crldp", "CRL", cert->crl_uri);
	show_uri(s, "ca_repository", "CA repository", cert->repository_uri);
	show_uri(s, "manifest_uri", "Manifest", cert->manifest_uri);
	show_uri(s, "notify", "RRDP notification", cert->notify_uri);
	show_uri(s, "signed_object", "Signed object", cert->object_uri);
}

/* "RSA 2048", or the name of the algorithm. */
static void
show_key(struct sheet *s, const struct cert *cert)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(cert->spki, &fault);
	struct der d = der_enter(&top, DER_SEQUENCE);
	struct der algorithm = der_enter(&d, DER_SEQUENCE);
	struct bytes oid = der_oid(&algorithm);
	struct octets text = { 0 };

	if (oid_is(oid, OID_RSA_ENCRYPTION)) {
		struct der bits = der_open(der_bits(&d).octets, &fault);
		struct der key = der_enter(&bits, DER_SEQUENCE);
		struct bytes n = der_integer(&key);

		while (n.len > 1 && n.at[0] == 0) {
			n = bytes_of(n.at + 1, n.len - 1);
		}
		octets_printf(&text, "RSA %zu", n.len * 8);
	} else if (oid_is(der_oid(&algorithm), OID_PRIME256V1)) {
		octets_printf(&text, "P-256");
	} else {
		oid_text(&text, oid);
	}
	if (oid.len > 0) {
		sheet_text(s, "key", "Key", octets_bytes(&text));
	}
	if (cert->kind == CERT_ROUTER) {
		sheet_base64(s, "public_key", "Public key", cert->spki);
	}
	octets_clear(&text);
}

static void
show_cert(struct sheet *s, const struct cert *cert)
{
	static const struct keyid none;

	show_name(s, "issuer", "Issuer", cert->issuer);
	show_name(s, "subject", "Subject", cert->subject);
	sheet_serial(s, "serial", "Serial",
	    bytes_of(cert->serial, sizeof(cert->serial)));
	if (cert->not_after != 0) {
		sheet_time(s, "not_before", "Not before", cert->not_before);
		sheet_time(s, "not_after", "Not after", cert->not_after);
	}
	if (!hash_keyid_equal(&cert->ski, &none)) {
		sheet_keyid(s, "ski", "Subject key id", &cert->ski);
	}
	if (cert->has_aki) {
		sheet_keyid(s, "aki", "Authority key id", &cert->aki);
	}
	show_key(s, cert);
	show_places(s, cert);
	if (cert->cps_uri.len > 0) {
		sheet_text(s, "cps", "Policy statement", cert->cps_uri);
	}
	show_resources(&cert->resources, "resources", "Resources", s);
}

static void
show_crl(struct sheet *s, const struct crl *crl)
{
	show_name(s, "issuer", "Issuer", crl->issuer);
	sheet_keyid(s, "aki", "Authority key id", &crl->aki);
	sheet_serial(s, "number", "CRL number",
	    bytes_of(crl->number, sizeof(crl->number)));
	sheet_time(s, "this_update", "This update", crl->this_update);
	sheet_time(s, "next_update", "Next update", crl->next_update);
	sheet_list(s, "revoked", "Revoked");
	for (size_t i = 0; i < crl->count; i++) {
		sheet_row(s);
		sheet_serial(s, "serial", NULL,
		    bytes_of(crl->entries[i].serial, CERT_SERIAL));
		sheet_time(s, "when", "on", crl->entries[i].when);
		sheet_row_end(s);
	}
	sheet_list_end(s);
}

/* --- what signed objects carry */

static void
show_manifest(struct sheet *s, const struct signed_content *c)
{
	const struct manifest *m = &c->manifest;

	sheet_serial(s, "number", "Manifest number",
	    bytes_of(m->number, sizeof(m->number)));
	sheet_time(s, "this_update", "This update", m->this_update);
	sheet_time(s, "next_update", "Next update", m->next_update);
	sheet_list(s, "files", "Files");
	for (size_t i = 0; i < m->count; i++) {
		sheet_row(s);
		sheet_hash(s, "sha256", NULL, &m->entries[i].hash);
		sheet_text(s, "name", NULL, m->entries[i].name);
		sheet_row_end(s);
	}
	sheet_list_end(s);
}

static void
show_roa(struct sheet *s, const struct signed_content *c)
{
	sheet_number(s, "asn", "Origin AS", c->roa.asn);
	sheet_list(s, "prefixes", "Prefixes");
	for (size_t i = 0; i < c->roa.count; i++) {
		const struct roa_prefix *p = &c->roa.prefixes[i];

		sheet_row(s);
		show_prefix(s, "prefix", &p->prefix);
		sheet_number(s, "max_length", "max", p->max_length);
		sheet_row_end(s);
	}
	sheet_list_end(s);
}

static void
show_aspa(struct sheet *s, const struct signed_content *c)
{
	sheet_number(s, "customer", "Customer AS", c->aspa.customer);
	sheet_list(s, "providers", "Provider ASes");
	for (size_t i = 0; i < c->aspa.count; i++) {
		sheet_number(s, NULL, NULL, c->aspa.providers[i]);
	}
	sheet_list_end(s);
}

static void
show_tak_key(struct sheet *s, const char *key, const char *label,
    const struct tak_key *k)
{
	sheet_group(s, key, label);
	sheet_list(s, "comments", "Comments");
	for (size_t i = 0; i < k->comment_count; i++) {
		sheet_text(s, NULL, NULL, k->comments[i]);
	}
	sheet_list_end(s);
	sheet_list(s, "uris", "Certificate URIs");
	for (size_t i = 0; i < k->uri_count; i++) {
		sheet_text(s, NULL, NULL, text_bytes(k->uris[i]));
	}
	sheet_list_end(s);
	show_spki(s, k->spki);
	sheet_group_end(s);
}

static void
show_tak(struct sheet *s, const struct signed_content *c)
{
	show_tak_key(s, "current", "Current key", &c->tak.current);
	if (c->tak.has_predecessor) {
		show_tak_key(s, "predecessor", "Predecessor",
		    &c->tak.predecessor);
	}
	if (c->tak.has_successor) {
		show_tak_key(s, "successor", "Successor", &c->tak.successor);
	}
}

static void
show_gbr(struct sheet *s, const struct signed_content *c)
{
	sheet_lines(s, "vcard", "vCard", c->gbr.card);
}

static void
show_rsc(struct sheet *s, const struct signed_content *c)
{
	show_resources(&c->rsc.resources, "signed_with", "Signed with", s);
	sheet_list(s, "files", "Files");
	for (size_t i = 0; i < c->rsc.count; i++) {
		sheet_row(s);
		sheet_hash(s, "sha256", NULL, &c->rsc.entries[i].hash);
		if (c->rsc.entries[i].name.len > 0) {
			sheet_text(s, "name", NULL, c->rsc.entries[i].name);
		}
		sheet_row_end(s);
	}
	sheet_list_end(s);
}

static void
show_spl(struct sheet *s, const struct signed_content *c)
{
	sheet_number(s, "asn", "Origin AS", c->spl.asn);
	sheet_list(s, "prefixes", "Prefixes");
	for (size_t i = 0; i < c->spl.count; i++) {
		show_prefix(s, NULL, &c->spl.prefixes[i]);
	}
	sheet_list_end(s);
}

static const struct {
	const char *name;
	void (*show)(struct sheet *s, const struct signed_content *c);
} contents[KIND_COUNT] = {
	[KIND_CERT] = { "certificate", NULL },
	[KIND_CRL] = { "crl", NULL },
	[KIND_MANIFEST] = { "manifest", show_manifest },
	[KIND_ROA] = { "roa", show_roa },
	[KIND_ASPA] = { "aspa", show_aspa },
	[KIND_TAK] = { "tak", show_tak },
	[KIND_GBR] = { "gbr", show_gbr },
	[KIND_RSC] = { "rsc", show_rsc },
	[KIND_SPL] = { "spl", show_spl },
	[KIND_UNKNOWN] = { "signed object", NULL },
};

static void
show_signed(struct sheet *s, const struct specimen *specimen)
{
	const struct signed_content *c = &specimen->content;

	show_oid(s, "content_type", "Content type", c->cms.type);
	if (c->cms.has_signing_time) {
		sheet_time(s, "signing_time", "Signing time",
		    c->cms.signing_time);
	}
	if (c->opened && contents[specimen->kind].show != NULL) {
		contents[specimen->kind].show(s, c);
	}
	if (c->cms.ee.der.len > 0) {
		sheet_group(s, "ee", "EE certificate");
		show_cert(s, &c->cms.ee);
		sheet_group_end(s);
	}
}

static void
show_tal(struct sheet *s, const struct tal *tal)
{
	sheet_list(s, "uris", "Certificate URIs");
	for (size_t i = 0; i < tal->count; i++) {
		sheet_text(s, NULL, NULL, text_bytes(tal->uris[i]));
	}
	sheet_list_end(s);
	show_spki(s, tal->spki);
}

/* --- the whole */

static const char *
type_of(const struct specimen *specimen)
{
	switch (specimen->sort) {
	case SPECIMEN_CERT:
	case SPECIMEN_CRL:
	case SPECIMEN_SIGNED:
		return contents[specimen->kind == KIND_UNKNOWN
				    ? specimen->claimed
				    : specimen->kind]
		    .name;
	case SPECIMEN_TAL:
		return "tal";
	case SPECIMEN_RRDP:
		return "rrdp";
	case SPECIMEN_STRANGE:
	case SPECIMEN_SORTS:
		break;
	}
	return "unknown";
}

void
portrait_head(const struct specimen *specimen, struct sheet *s)
{
	sheet_text(s, "name", "Object", text_bytes(specimen->name));
	sheet_word(s, "type", "Type", type_of(specimen));
	sheet_hash(s, "sha256", "SHA-256", &specimen->hash);
	sheet_number(s, "size", "Size", specimen->octets.len);
}

void
portrait_body(struct specimen *specimen, struct sheet *s, struct arena *arena)
{
	switch (specimen->sort) {
	case SPECIMEN_CERT:
		if (specimen->cert.spki.len > 0) {
			sheet_word(s, "purpose", "Purpose",
			    purpose(specimen->cert.kind));
		}
		show_cert(s, &specimen->cert);
		break;
	case SPECIMEN_CRL:
		show_crl(s, &specimen->crl);
		break;
	case SPECIMEN_SIGNED:
		show_signed(s, specimen);
		break;
	case SPECIMEN_TAL:
		if (specimen->fault == FAULT_NONE) {
			show_tal(s, &specimen->tal);
		}
		break;
	case SPECIMEN_RRDP:
		specimen->fault = gazette_show(specimen->octets, s, arena);
		break;
	case SPECIMEN_STRANGE:
	case SPECIMEN_SORTS:
		break;
	}
}
