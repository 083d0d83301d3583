/* SPDX-License-Identifier: BSD-2-Clause */
/* specimen - see specimen.h. */
#include "validator/specimen.h"

#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "object/der.h"
#include "object/oid.h"

/* --- what is it */

/* What stands in a SEQUENCE that is no CMS: a CRL has a time where a
 * certificate has its two. */
static enum specimen_sort
sort_of_signed_data(struct der *outer)
{
	struct der tbs = der_enter(outer, DER_SEQUENCE);

	if (der_next_is(&tbs, DER_CONTEXT_0)) {
		return SPECIMEN_CERT;
	}
	der_take(&tbs, DER_INTEGER);
	der_take(&tbs, DER_SEQUENCE);
	der_take(&tbs, DER_SEQUENCE);
	if (der_next_is(&tbs, DER_UTC_TIME) ||
	    der_next_is(&tbs, DER_GENERALIZED_TIME)) {
		return SPECIMEN_CRL;
	}
	return der_next_is(&tbs, DER_SEQUENCE) ? SPECIMEN_CERT
					       : SPECIMEN_STRANGE;
}

static bool
begins(struct bytes text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.at, with, len) == 0;
}

static enum specimen_sort
sort_of_text(struct bytes text)
{
	if (begins(text, "\xef\xbb\xbf")) {
		text = bytes_of(text.at + 3, text.len - 3);
	}
	while (text.len > 0 && strchr(" \t\r\n", text.at[0]) != NULL) {
		text = bytes_of(text.at + 1, text.len - 1);
	}
	if (begins(text, "<")) {
		return SPECIMEN_RRDP;
	}
	return begins(text, "#") || begins(text, "rsync://") ||
		       begins(text, "https://")
		   ? SPECIMEN_TAL
		   : SPECIMEN_STRANGE;
}

static enum specimen_sort
sort_of(struct bytes octets)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(octets, &fault);
	struct der outer;

	if (!der_next_is(&top, DER_SEQUENCE)) {
		return sort_of_text(octets);
	}
	/* Lengths that lie do not matter here. */
	outer = top;
	outer = der_enter(&outer, DER_SEQUENCE);
	if (der_next_is(&outer, DER_OID)) {
		return oid_is(der_oid(&outer), OID_SIGNED_DATA)
			   ? SPECIMEN_SIGNED
			   : SPECIMEN_STRANGE;
	}
	return sort_of_signed_data(&outer);
}

static enum specimen_sort
sort_of_name(const struct specimen *s)
{
	struct bytes name = text_bytes(s->name);

	switch (s->claimed) {
	case KIND_CERT:
		return SPECIMEN_CERT;
	case KIND_CRL:
		return SPECIMEN_CRL;
	case KIND_UNKNOWN:
	case KIND_COUNT:
		break;
	case KIND_MANIFEST:
	case KIND_ROA:
	case KIND_ASPA:
	case KIND_TAK:
	case KIND_GBR:
	case KIND_RSC:
	case KIND_SPL:
		return SPECIMEN_SIGNED;
	}
	return name.len > 4 && memcmp(name.at + name.len - 4, ".tal", 4) == 0
		   ? SPECIMEN_TAL
		   : SPECIMEN_STRANGE;
}

/* --- read it */

static bool
self_issued(const struct cert *cert)
{
	return cert->issuer.len > 0 &&
	       bytes_equal(cert->issuer, cert->subject) &&
	       (!cert->has_aki || hash_keyid_equal(&cert->aki, &cert->ski));
}

/* Also those that no manifest may list: an EE's, as a file of its own. */
static enum fault
read_cert(struct specimen *s, struct arena *arena)
{
	struct cert ee;
	enum fault fault = cert_decode(&s->cert, CERT_CA, s->octets, arena);

	if (fault == FAULT_NONE) {
		return FAULT_NONE;
	}
	if (fault != FAULT_CERT_PURPOSE) {
		return self_issued(&s->cert)
			   ? cert_decode(&s->cert, CERT_TA, s->octets, arena)
			   : fault;
	}
	fault = cert_decode(&s->cert, CERT_EE, s->octets, arena);
	if (fault == FAULT_CERT_EXTENSION_MISSING &&
	    cert_decode_ee_bare(&ee, s->octets, arena) == FAULT_NONE) {
		s->cert = ee;
		fault = FAULT_NONE;
	}
	return fault;
}

/* The envelope and what is in it, each as far as it goes. */
static enum fault
read_signed(struct specimen *s, enum kind kind, const char *uri,
    struct arena *arena)
{
	const struct signed_object object = { .kind = kind,
		.uri = uri,
		.hash = s->hash,
		.octets = s->octets };
	struct cms *cms = &s->content.cms;
	enum fault fault = FAULT_CMS_KIND;

	if (signed_knows(kind)) {
		fault = signed_decode(&s->content, &object, arena);
	} else {
		(void)cms_open(cms, CMS_PROFILE_PUBLISHED, s->octets, arena);
	}
	s->kind = kind_of_oid(cms->type);
	if (fault != FAULT_NONE && cms->ee.der.len == 0 &&
	    cms->certificate.len > 0) {
		(void)cert_decode(&cms->ee, CERT_EE, cms->certificate, arena);
	}
	if (!s->content.opened || s->kind != kind) {
		(void)signed_reopen(&s->content, s->kind, arena);
	}
	return fault;
}

static enum fault
read_as(struct specimen *s, enum specimen_sort sort, const char *uri,
    struct arena *arena)
{
	enum kind kind = s->claimed;

	s->sort = sort;
	switch (sort) {
	case SPECIMEN_CERT:
		s->kind = KIND_CERT;
		return read_cert(s, arena);
	case SPECIMEN_CRL:
		s->kind = KIND_CRL;
		return crl_decode(&s->crl, s->octets, arena);
	case SPECIMEN_SIGNED:
		if (kind == KIND_UNKNOWN || kind == KIND_CERT ||
		    kind == KIND_CRL) {
			struct cms cms;

			(void)cms_open(&cms, CMS_PROFILE_PUBLISHED, s->octets,
			    arena);
			kind = kind_of_oid(cms.type);
		}
		return read_signed(s, kind, uri, arena);
	case SPECIMEN_TAL:
		return tal_read(&s->tal, s->octets, &s->line, arena);
	case SPECIMEN_RRDP:
	case SPECIMEN_STRANGE:
	case SPECIMEN_SORTS:
		break;
	}
	return FAULT_NONE;
}

void
specimen_read(struct specimen *s, const char *name, const char *uri,
    struct bytes octets, struct arena *arena)
{
	enum specimen_sort said, shown = sort_of(octets);
	enum fault fault;

	*s = (struct specimen){ .name = name,
		.octets = octets,
		.kind = KIND_UNKNOWN,
		.claimed = kind_of_name(text_bytes(name)) };
	digest_of(octets, &s->hash);
	said = sort_of_name(s);
	if (said == SPECIMEN_STRANGE) {
		s->fault = read_as(s, shown, uri, arena);
		return;
	}
	fault = read_as(s, said, uri, arena);
	if (fault != FAULT_NONE && shown != said && shown != SPECIMEN_STRANGE) {
		(void)read_as(s, shown, uri, arena);
	}
	s->fault = fault;
}

const struct cert *
specimen_cert(const struct specimen *s)
{
	const struct cert *cert = s->sort == SPECIMEN_CERT ? &s->cert
				  : s->sort == SPECIMEN_SIGNED
				      ? &s->content.cms.ee
				      : NULL;

	return cert == NULL || cert->der.len == 0 ? NULL : cert;
}

bool
specimen_issuer(const struct specimen *s, struct keyid *key)
{
	static const struct keyid none;
	const struct cert *cert = specimen_cert(s);

	*key = none;
	if (s->sort == SPECIMEN_CRL) {
		*key = s->crl.aki;
	} else if (cert != NULL && cert->has_aki) {
		*key = cert->aki;
	} else if (cert != NULL && cert->kind == CERT_TA) {
		*key = cert->ski;
	}
	return !hash_keyid_equal(key, &none);
}

const struct oddities *
specimen_odd(const struct specimen *s, size_t which)
{
	static const struct oddities none;
	const struct signed_content *c = &s->content;

	switch (s->sort) {
	case SPECIMEN_CERT:
		return which == 0 ? &s->cert.odd : &none;
	case SPECIMEN_CRL:
		return which == 0 ? &s->crl.odd : &none;
	case SPECIMEN_SIGNED:
		if (which < 2) {
			return which == 0 ? &c->cms.odd : &c->cms.ee.odd;
		}
		if (s->content.opened && s->kind == KIND_GBR) {
			return &c->gbr.odd;
		}
		return s->content.opened && s->kind == KIND_RSC ? &c->rsc.odd
								: &none;
	case SPECIMEN_TAL:
	case SPECIMEN_RRDP:
	case SPECIMEN_STRANGE:
	case SPECIMEN_SORTS:
		break;
	}
	return &none;
}
