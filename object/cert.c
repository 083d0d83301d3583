/* SPDX-License-Identifier: BSD-2-Clause */
/* cert - see cert.h. */
#include "object/cert.h"

#include <assert.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/key.h"
#include "object/algorithm.h"
#include "object/der.h"
#include "object/extension.h"
#include "object/name.h"
#include "object/oid.h"
#include "object/stamp.h"

enum { VERSION_3 = 2 };

static void
read_version(struct der *tbs)
{
	struct der v;

	/* DEFAULT v1: what is not there is the wrong version, not bad DER. */
	if (der_fine(tbs) && !der_next_is(tbs, DER_CONTEXT_0)) {
		der_fail(tbs, FAULT_CERT_VERSION);
	}
	v = der_enter(tbs, DER_CONTEXT_0);
	if (der_within(&v, VERSION_3, FAULT_CERT_VERSION) != VERSION_3) {
		der_fail(&v, FAULT_CERT_VERSION);
	}
	der_close(&v);
}

static void
read_serial(struct der *tbs, struct cert *cert)
{
	static const uint8_t zero[CERT_SERIAL];

	der_number(tbs, cert->serial, CERT_SERIAL, FAULT_CERT_SERIAL);
	if (!der_fine(tbs) || memcmp(cert->serial, zero, CERT_SERIAL) != 0) {
		return;
	}
	/* Nobody can revoke a trust anchor: there it names nothing. */
	if (cert->kind == CERT_TA) {
		fault_note(&cert->odd, FAULT_CERT_SERIAL_ZERO);
	} else {
		der_fail(tbs, FAULT_CERT_SERIAL);
	}
}

static void
read_validity(struct der *tbs, struct cert *cert)
{
	struct der d = der_enter(tbs, DER_SEQUENCE);

	cert->not_before = stamp_time(&d);
	cert->not_after = stamp_time(&d);
	der_close(&d);
	if (der_fine(&d) && cert->not_after < cert->not_before) {
		der_fail(&d, FAULT_CERT_VALIDITY);
	}
}

/* RSAPublicKey inside the bit string (RFC 7935 3). */
static void
read_rsa(const struct der *d, struct cert *cert, struct bytes bits)
{
	struct der top = der_open(bits, d->fault);
	struct der rsa = der_enter(&top, DER_SEQUENCE);
	struct bytes n = der_integer(&rsa);
	struct bytes e = der_integer(&rsa);

	der_close(&rsa);
	der_close(&top);
	if (!der_fine(d)) {
		return;
	}
	/* 2048 bits: a zero for the sign, then an octet with its top bit. */
	if (n.len != KEY_RSA_OCTETS + 1 || n.at[0] != 0) {
		der_fail(d, FAULT_CERT_KEY_SIZE);
		return;
	}
	if (!bytes_equal(e, bytes_of("\x01\x00\x01", 3))) {
		der_fail(d, FAULT_CERT_KEY_EXPONENT);
	}
	if ((n.at[KEY_RSA_OCTETS] & 1) == 0) {
		der_fail(d, FAULT_CERT_KEY_FORM);
	}
	cert->modulus = bytes_of(n.at + 1, KEY_RSA_OCTETS);
}

/* RSA's with NULL, or EC's with the one curve by its name (RFC 8608 3.1.1). */
static bool
read_key_algorithm(struct der *d)
{
	struct der algorithm = der_enter(d, DER_SEQUENCE);
	struct bytes oid = der_oid(&algorithm);
	bool rsa = oid_is(oid, OID_RSA_ENCRYPTION);

	if (rsa && der_next_is(&algorithm, DER_NULL)) {
		der_null(&algorithm);
	} else if (!oid_is(oid, OID_EC_PUBLIC_KEY) ||
		   !der_next_is(&algorithm, DER_OID) ||
		   !oid_is(der_oid(&algorithm), OID_PRIME256V1)) {
		der_fail(d, FAULT_CERT_KEY_ALGORITHM);
	}
	if (der_more(&algorithm)) {
		der_fail(d, FAULT_CERT_KEY_ALGORITHM);
	}
	return rsa;
}

/* A file may hold either kind of key; which one, its algorithm says. */
static void
read_spki(struct der *tbs, struct cert *cert, struct keyid *keyid)
{
	struct der peek = *tbs;
	struct der d;
	struct der_bits bits;
	bool rsa;

	cert->spki = der_whole(tbs, DER_SEQUENCE);
	d = der_enter(&peek, DER_SEQUENCE);
	rsa = read_key_algorithm(&d);
	bits = der_bits(&d);
	der_close(&d);
	if (!der_fine(&d)) {
		return;
	}
	if (rsa) {
		read_rsa(&d, cert, bits.octets);
	} else {
		cert->point = bits.octets;
	}
	if (der_fine(&d) && bits.bits % 8 != 0) {
		der_fail(&d, FAULT_CERT_KEY_FORM);
	}
	if (der_fine(&d)) {
		digest_keyid(bits.octets, keyid);
	}
}

static void
read_extensions(struct extension_list *list, struct der *tbs)
{
	struct der d;

	if (der_next_is(tbs, DER_IMPLICIT_1) ||
	    der_next_is(tbs, DER_IMPLICIT_2)) {
		der_fail(tbs, FAULT_CERT_UNIQUE_ID);
	}
	if (der_fine(tbs) && !der_next_is(tbs, DER_CONTEXT_3)) {
		der_fail(tbs, tbs->at == tbs->end ? FAULT_CERT_EXTENSION_MISSING
						  : FAULT_DER_TAG);
	}
	d = der_enter(tbs, DER_CONTEXT_3);
	extension_collect(list, &d);
	der_close(&d);
	der_close(tbs);
}

/* The key must be of the kind's own sort, and the SKI its digest. */
static void
check_key(const struct der *d, const struct cert *cert,
    const struct keyid *keyid)
{
	bool router = cert->kind == CERT_ROUTER;

	if (!der_fine(d)) {
		return;
	}
	if ((router ? cert->point : cert->modulus).at == NULL) {
		der_fail(d, FAULT_CERT_KEY_ALGORITHM);
	} else if (!hash_keyid_equal(&cert->ski, keyid)) {
		der_fail(d, FAULT_CERT_SKI);
	} else if (router && !key_point_on_p256(cert->point)) {
		der_fail(d, FAULT_CERT_KEY_POINT);
	}
}

static void
check_anchor(const struct der *d, const struct cert *cert)
{
	if (!name_equal(cert->issuer, cert->subject)) {
		der_fail(d, FAULT_CERT_SELF_ISSUED);
	}
	if (cert->has_aki && !hash_keyid_equal(&cert->aki, &cert->ski)) {
		der_fail(d, FAULT_CERT_AKI_SELF);
	}
	if (resources_any_inherit(&cert->resources)) {
		der_fail(d, FAULT_CERT_TA_INHERIT);
	}
}

static void
check_router(const struct der *d, const struct cert *cert)
{
	uint64_t count = 0;

	if (cert->resources.as.choice == RESOURCE_INHERIT) {
		der_fail(d, FAULT_CERT_ROUTER_INHERIT);
	}
	for (size_t i = 0; i < cert->resources.as.count; i++) {
		const struct as_range *range = &cert->resources.as.ranges[i];

		count += (uint64_t)range->max - range->min + 1;
	}
	if (count > LIMIT_ROUTER_ASES) {
		der_fail(d, FAULT_CERT_ROUTER_LIMIT);
	}
}

static void
check_kind(const struct der *d, const struct cert *cert)
{
	if (!der_fine(d)) {
		return;
	}
	if (resources_empty(&cert->resources)) {
		der_fail(d, FAULT_CERT_RESOURCES);
	}
	if (cert->kind == CERT_TA) {
		check_anchor(d, cert);
	}
	if (cert->kind == CERT_ROUTER) {
		check_router(d, cert);
	}
}

static enum extension_role
role_of(enum cert_kind kind)
{
	switch (kind) {
	case CERT_TA:
		return EXTENSION_TA;
	case CERT_CA:
		return EXTENSION_CA;
	case CERT_EE:
		return EXTENSION_EE;
	case CERT_ROUTER:
		return EXTENSION_ROUTER;
	}
	assert(!"no such kind");
	return EXTENSION_ROLES;
}

static enum fault
decode(struct cert *cert, enum extension_role role, struct bytes der,
    struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(der, &fault);
	struct algorithm_signed both = algorithm_open(&top);
	struct der *tbs = &both.tbs;
	struct extension_list list = { 0 };
	struct keyid keyid = { 0 };
	struct der names;

	cert->der = der;
	cert->tbs = both.tbs_whole;
	cert->signature = both.signature;
	read_version(tbs);
	read_serial(tbs, cert);
	algorithm_inner(tbs, both.outer, &cert->odd);
	names = *tbs; /* read once it is known whose they are */
	cert->issuer = der_whole(tbs, DER_SEQUENCE);
	read_validity(tbs, cert);
	cert->subject = der_whole(tbs, DER_SEQUENCE);
	read_spki(tbs, cert, &keyid);
	read_extensions(&list, tbs);
	if (fault == FAULT_NONE && role == EXTENSION_CA) {
		if (!extension_says(&list, &cert->kind)) {
			return FAULT_CERT_PURPOSE;
		}
		role = role_of(cert->kind);
	}
	name_read(&names, NAME_PRINTABLE, &cert->odd);
	names = der_open(cert->subject, &fault);
	name_read(&names,
	    cert->kind == CERT_ROUTER ? NAME_ROUTER : NAME_PRINTABLE,
	    &cert->odd);
	extension_read(&list, role, cert, &top, arena);
	check_key(&top, cert, &keyid);
	check_kind(&top, cert);
	algorithm_size(&both, &top);
	return fault;
}

enum fault
cert_decode(struct cert *cert, enum cert_kind kind, struct bytes der,
    struct arena *arena)
{
	*cert = (struct cert){ .kind = kind };
	return decode(cert, role_of(kind), der, arena);
}

enum fault
cert_decode_ee_bare(struct cert *cert, struct bytes der, struct arena *arena)
{
	*cert = (struct cert){ .kind = CERT_EE };
	return decode(cert, EXTENSION_EE_BARE, der, arena);
}

bool
cert_names(const char *const *uris, const char *uri)
{
	while (uris != NULL && *uris != NULL) {
		if (strcmp(*uris++, uri) == 0) {
			return true;
		}
	}
	return false;
}

size_t
cert_router_asns(const struct cert *cert, uint32_t out[LIMIT_ROUTER_ASES])
{
	const struct as_set *as = &cert->resources.as;
	size_t count = 0;

	assert(cert->kind == CERT_ROUTER);
	for (size_t i = 0; i < as->count; i++) {
		uint32_t more = as->ranges[i].max - as->ranges[i].min;

		for (uint32_t j = 0; j <= more; j++) {
			out[count++] = as->ranges[i].min + j;
		}
	}
	return count;
}
