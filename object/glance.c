/* SPDX-License-Identifier: BSD-2-Clause */
/* glance - see glance.h. */
#include "object/glance.h"

#include <string.h>

#include "object/der.h"
#include "object/extension.h"
#include "object/oid.h"
#include "object/stamp.h"

/* A number of any sign and length: its last octets. */
static void
read_number(struct der *d, uint8_t out[CERT_SERIAL])
{
	struct bytes n = der_take(d, DER_INTEGER);
	size_t len = n.len < CERT_SERIAL ? n.len : CERT_SERIAL;

	if (len > 0) {
		memcpy(out + CERT_SERIAL - len, n.at + n.len - len, len);
	}
}

/* The next value, if it is a SEQUENCE that can be stepped over. */
static struct bytes
take_sequence(struct der *d)
{
	return der_next_is(d, DER_SEQUENCE) ? der_whole(d, DER_SEQUENCE)
					    : der_skip(d);
}

/* A time that cannot be read is no reason to read no further. */
static int64_t
take_time(struct der *d)
{
	enum fault fault = FAULT_NONE;
	struct der own = der_open(der_skip(d), &fault);
	int64_t when = stamp_time(&own);

	return fault == FAULT_NONE ? when : 0;
}

static struct der
enter_any(struct der *d)
{
	uint8_t tag = d->at < d->end ? d->at[0] : DER_SEQUENCE;

	return der_enter(d, tag);
}

static void
read_tbs_cert(struct cert *cert, struct der *tbs, struct arena *arena)
{
	struct der validity;

	if (der_next_is(tbs, DER_CONTEXT_0)) {
		der_skip(tbs);
	}
	read_number(tbs, cert->serial);
	der_skip(tbs);
	cert->issuer = take_sequence(tbs);
	validity = enter_any(tbs);
	cert->not_before = take_time(&validity);
	cert->not_after = take_time(&validity);
	cert->subject = take_sequence(tbs);
	cert->spki = take_sequence(tbs);
	while (der_more(tbs) && !der_next_is(tbs, DER_CONTEXT_3)) {
		der_skip(tbs);
	}
	if (der_more(tbs)) {
		struct der wrap = der_enter(tbs, DER_CONTEXT_3);
		struct der list = der_enter(&wrap, DER_SEQUENCE);

		extension_glance(&list, cert, arena);
	}
}

void
glance_cert(struct cert *cert, struct bytes der, struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(der, &fault);
	struct der both = der_enter(&top, DER_SEQUENCE);
	struct der tbs = der_enter(&both, DER_SEQUENCE);

	*cert = (struct cert){ .kind = CERT_EE, .der = der };
	read_tbs_cert(cert, &tbs, arena);
}

static void
read_revoked(struct crl *crl, struct der list, struct arena *arena)
{
	size_t room = der_count(list);
	struct crl_entry *entries =
	    arena_zero(arena, room + 1, sizeof(*entries));

	while (der_more(&list)) {
		struct der entry = enter_any(&list);

		read_number(&entry, entries[crl->count].serial);
		entries[crl->count++].when = take_time(&entry);
	}
	crl->entries = entries;
}

void
glance_crl(struct crl *crl, struct bytes der, struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(der, &fault);
	struct der both = der_enter(&top, DER_SEQUENCE);
	struct der tbs = der_enter(&both, DER_SEQUENCE);

	*crl = (struct crl){ .der = der };
	if (der_next_is(&tbs, DER_INTEGER)) {
		der_skip(&tbs);
	}
	der_skip(&tbs);
	crl->issuer = take_sequence(&tbs);
	crl->this_update = take_time(&tbs);
	if (der_next_is(&tbs, DER_UTC_TIME) ||
	    der_next_is(&tbs, DER_GENERALIZED_TIME)) {
		crl->next_update = take_time(&tbs);
	}
	if (der_next_is(&tbs, DER_SEQUENCE)) {
		read_revoked(crl, der_enter(&tbs, DER_SEQUENCE), arena);
	}
	if (der_more(&tbs)) {
		struct der wrap = enter_any(&tbs);
		struct der list = der_enter(&wrap, DER_SEQUENCE);

		while (der_more(&list)) {
			extension_glance_crl(der_skip(&list), &crl->aki,
			    crl->number);
		}
	}
}

static void
read_attributes(struct cms *cms, struct der *signer)
{
	struct der list;

	while (der_more(signer) && !der_next_is(signer, DER_CONTEXT_0)) {
		der_skip(signer);
	}
	list = der_enter(signer, DER_CONTEXT_0);
	while (der_more(&list)) {
		struct der one = enter_any(&list);
		struct bytes type = der_oid(&one);

		if (oid_is(type, OID_SIGNING_TIME)) {
			struct der values = enter_any(&one);

			cms->signing_time = take_time(&values);
			cms->has_signing_time = cms->signing_time != 0;
		}
	}
}

void
glance_cms(struct cms *cms, struct bytes der, struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(der, &fault);
	struct der info = der_enter(&top, DER_SEQUENCE);
	struct der wrap, data, content, octets;

	*cms = (struct cms){ 0 };
	der_oid(&info);
	wrap = enter_any(&info);
	data = der_enter(&wrap, DER_SEQUENCE);
	der_skip(&data);
	der_skip(&data);
	content = der_enter(&data, DER_SEQUENCE);
	cms->type = der_oid(&content);
	if (der_more(&content)) {
		octets = enter_any(&content);
		cms->content = der_octets(&octets);
	}
	if (der_next_is(&data, DER_CONTEXT_0)) {
		struct der certificates = enter_any(&data);

		cms->certificate = der_more(&certificates)
				       ? der_skip(&certificates)
				       : bytes_of(NULL, 0);
		glance_cert(&cms->ee, cms->certificate, arena);
	}
	if (der_next_is(&data, DER_CONTEXT_1)) {
		der_skip(&data);
	}
	if (der_next_is(&data, DER_SET)) {
		struct der signers = der_enter(&data, DER_SET);
		struct der signer = enter_any(&signers);

		read_attributes(cms, &signer);
	}
}
