/* SPDX-License-Identifier: BSD-2-Clause */
/* specimen - see specimen.h. */
#include "validator/specimen.h"

#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "object/der.h"
#include "object/glance.h"
#include "object/oid.h"
#include "validator/locator.h"

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

static bool
ends(struct bytes text, const char *with)
{
	size_t len = strlen(with);

	return text.len > len &&
	       memcmp(text.at + text.len - len, with, len) == 0;
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

/* What comes after the first tag and length, whatever that length says. */
static struct bytes
behind_header(struct bytes octets)
{
	size_t head = 2;

	if (octets.len > 1 && octets.at[1] > 0x80) {
		head += octets.at[1] & 0x7f;
	}
	return octets.len < head
		   ? bytes_of(octets.at, 0)
		   : bytes_of(octets.at + head, octets.len - head);
}

static enum specimen_sort
sort_of(struct bytes octets)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(octets, &fault);
	struct der outer = der_open(behind_header(octets), &fault);

	if (!der_next_is(&top, DER_SEQUENCE)) {
		return sort_of_text(octets);
	}
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
	if (ends(name, ".tal")) {
		return SPECIMEN_TAL;
	}
	return ends(name, ".xml") ? SPECIMEN_RRDP : SPECIMEN_STRANGE;
}

/* --- read it */

/* Names its own key as its issuer's. */
static bool
self_signed(const struct cert *cert)
{
	return cert->has_aki && hash_keyid_equal(&cert->aki, &cert->ski);
}

/* Names itself as its issuer, or nobody; and no other place or key for it. */
static bool
self_issued(const struct cert *cert)
{
	bool itself =
	    cert->issuer.len > 0 && bytes_equal(cert->issuer, cert->subject);
	bool nowhere = cert->kind == CERT_CA && cert->crl_uri == NULL &&
		       cert->issuer_uri == NULL;

	if (!cert->has_aki) {
		return itself || nowhere;
	}
	return self_signed(cert) ? itself || nowhere
				 : itself && cert->crl_uri == NULL;
}

/* A file may hold a CA's or a router's, or come with a TAL: so does what has
 * all that a CA's has, but signs itself. */
static enum fault
read_cert(struct specimen *s, struct arena *arena)
{
	enum fault fault = cert_decode(&s->cert, CERT_CA, s->octets, arena);
	bool anchor = fault == FAULT_NONE && s->cert.kind == CERT_CA &&
		      self_signed(&s->cert);

	if (fault == FAULT_NONE && !anchor) {
		return FAULT_NONE;
	}
	glance_cert(&s->cert, s->octets, arena);
	anchor = anchor || self_issued(&s->cert);
	if (anchor && fault != FAULT_CERT_PURPOSE) {
		fault = cert_decode(&s->cert, CERT_TA, s->octets, arena);
	}
	if (fault != FAULT_NONE) {
		glance_cert(&s->cert, s->octets, arena);
		s->cert.kind = anchor ? CERT_TA : s->cert.kind;
	}
	return fault;
}

static enum fault
read_crl(struct specimen *s, struct arena *arena)
{
	enum fault fault = crl_decode(&s->crl, s->octets, arena);

	if (fault != FAULT_NONE) {
		glance_crl(&s->crl, s->octets, arena);
	}
	return fault;
}

/* The envelope and what is in it, each as far as it goes. */
static enum fault
read_signed(struct specimen *s, const char *uri, struct arena *arena)
{
	struct signed_object object = { .kind = s->claimed,
		.uri = uri,
		.hash = s->hash,
		.octets = s->octets };
	struct cms *cms = &s->content.cms;
	enum fault fault = FAULT_CMS_KIND;

	glance_cms(cms, s->octets, arena);
	s->kind = kind_of_oid(cms->type);
	if (!signed_knows(object.kind)) {
		object.kind = s->kind;
	}
	if (signed_knows(object.kind)) {
		fault = signed_decode(&s->content, &object, arena);
	} else if (cms->type.len == 0) {
		/* Neither its name nor itself says what: the envelope is why.
		 */
		fault = cms_open(cms, CMS_PROFILE_PUBLISHED, s->octets, arena);
	}
	if (fault != FAULT_NONE) {
		bool opened = s->content.opened && s->kind == object.kind;

		glance_cms(cms, s->octets, arena);
		if (!opened) {
			(void)signed_reopen(&s->content, s->kind, arena);
		}
	}
	return fault;
}

static enum fault
read_as(struct specimen *s, enum specimen_sort sort, const char *uri,
    struct arena *arena)
{
	s->sort = sort;
	switch (sort) {
	case SPECIMEN_CERT:
		s->kind = KIND_CERT;
		return read_cert(s, arena);
	case SPECIMEN_CRL:
		s->kind = KIND_CRL;
		return read_crl(s, arena);
	case SPECIMEN_SIGNED:
		return read_signed(s, uri, arena);
	case SPECIMEN_TAL:
		return locator_read(&s->tal, s->octets, &s->line, arena);
	case SPECIMEN_RRDP:
		return FAULT_NONE; /* as it is shown */
	case SPECIMEN_STRANGE:
	case SPECIMEN_SORTS:
		break;
	}
	return FAULT_OBJECT_UNKNOWN;
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
