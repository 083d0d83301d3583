/* SPDX-License-Identifier: BSD-2-Clause */
/* extension - see extension.h. */
#include "object/extension.h"

#include <assert.h>
#include <string.h>

#include "object/location.h"
#include "object/oid.h"

enum need { MUST_NOT = 0, MAY, MUST };

enum row {
	ROW_BASIC_CONSTRAINTS,
	ROW_SKI,
	ROW_AKI,
	ROW_KEY_USAGE,
	ROW_EKU,
	ROW_CRL_POINTS,
	ROW_AIA,
	ROW_SIA,
	ROW_POLICIES,
	ROW_IP,
	ROW_AS,
};

static void
read_basic_constraints(struct der *d, struct cert *cert, struct arena *arena)
{
	struct der c = der_enter(d, DER_SEQUENCE);
	bool ca = der_flag(&c);

	(void)cert;
	(void)arena;
	if (der_fine(&c) && (!ca || der_more(&c))) {
		der_fail(&c, FAULT_CERT_BASIC_CONSTRAINTS);
	}
}

static void
take_keyid(struct der *d, uint8_t tag, struct keyid *out, enum fault fault)
{
	struct bytes id = der_take(d, tag);

	if (!der_fine(d)) {
		return;
	}
	if (id.len != KEYID_SIZE) {
		der_fail(d, fault);
		return;
	}
	memcpy(out->at, id.at, KEYID_SIZE);
}

static void
read_ski(struct der *d, struct cert *cert, struct arena *arena)
{
	(void)arena;
	take_keyid(d, DER_OCTET_STRING, &cert->ski, FAULT_CERT_SKI);
}

void
extension_aki(struct der *d, struct keyid *out)
{
	struct der a = der_enter(d, DER_SEQUENCE);

	if (der_fine(&a) && !der_next_is(&a, DER_IMPLICIT_0)) {
		der_fail(&a, FAULT_CERT_AKI);
	}
	take_keyid(&a, DER_IMPLICIT_0, out, FAULT_CERT_AKI);
	if (der_more(&a)) {
		der_fail(&a, FAULT_CERT_AKI);
	}
}

static void
read_aki(struct der *d, struct cert *cert, struct arena *arena)
{
	(void)arena;
	extension_aki(d, &cert->aki);
	cert->has_aki = true;
}

static void
read_key_usage(struct der *d, struct cert *cert, struct arena *arena)
{
	struct der_bits bits = der_bits(d);
	bool authority = cert->kind == CERT_TA || cert->kind == CERT_CA;

	(void)arena;
	if (!der_fine(d)) {
		return;
	}
	/* keyCertSign is bit 5 and cRLSign 6; digitalSignature is bit 0. DER
	 * leaves out the zero bits at the end of a named bit list. */
	if (bits.bits != (authority ? 7 : 1) ||
	    bits.octets.at[0] != (authority ? 0x06 : 0x80)) {
		der_fail(d, FAULT_CERT_KEY_USAGE);
	}
}

static void
read_eku(struct der *d, struct cert *cert, struct arena *arena)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	bool router = false;

	(void)cert;
	(void)arena;
	while (der_more(&list)) {
		struct bytes purpose = der_oid(&list);

		router = router || oid_is(purpose, OID_KP_BGPSEC_ROUTER);
	}
	if (der_fine(&list) && !router) {
		der_fail(&list, FAULT_CERT_EKU);
	}
}

/* At most one qualifier, and that a CPS URI (RFC 7318 2). */
static void
read_qualifiers(struct der *policy, struct cert *cert)
{
	struct der list = der_enter(policy, DER_SEQUENCE);
	struct der one;
	struct bytes kind;

	if (!der_more(&list)) {
		der_fail(&list, FAULT_CERT_POLICY);
	}
	one = der_enter(&list, DER_SEQUENCE);
	kind = der_oid(&one);
	if (der_fine(&one) && !oid_is(kind, OID_QT_CPS)) {
		der_fail(&one, FAULT_CERT_POLICY);
	}
	cert->cps_uri = der_string(&one, DER_IA5_STRING);
	der_close(&one);
	if (der_more(&list)) {
		der_fail(&list, FAULT_CERT_POLICY);
	}
}

static void
read_policies(struct der *d, struct cert *cert, struct arena *arena)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	struct der policy;
	struct bytes oid;

	(void)arena;
	if (!der_more(&list)) {
		der_fail(&list, FAULT_CERT_POLICY);
	}
	policy = der_enter(&list, DER_SEQUENCE);
	oid = der_oid(&policy);
	if (!der_fine(&policy)) {
		return;
	}
	if (oid_is(oid, OID_CP_RESOURCES_V2)) {
		der_fail(&policy, FAULT_CERT_V2_OID);
	}
	if (!oid_is(oid, OID_CP_RESOURCES) || der_more(&list)) {
		der_fail(&policy, FAULT_CERT_POLICY);
	}
	if (der_more(&policy)) {
		read_qualifiers(&policy, cert);
	}
	der_close(&policy);
}

/* The readers of resources take the extension whole. */
static void
read_ip(struct der *d, struct cert *cert, struct arena *arena)
{
	enum fault fault = resources_read_ip(&cert->resources,
	    bytes_of(d->at, (size_t)(d->end - d->at)), &cert->odd, arena);

	der_skip(d);
	if (fault != FAULT_NONE) {
		der_fail(d, fault);
	}
}

static void
read_as(struct der *d, struct cert *cert, struct arena *arena)
{
	enum fault fault = resources_read_as(&cert->resources,
	    bytes_of(d->at, (size_t)(d->end - d->at)), &cert->odd, arena);

	der_skip(d);
	if (fault != FAULT_NONE) {
		der_fail(d, fault);
	}
}

static const struct {
	enum oid oid;
	bool critical;
	uint8_t need[EXTENSION_ROLES]; /* enum need */
	void (*read)(struct der *d, struct cert *cert, struct arena *arena);
} rules[] = {
#define NEED(ta, ca, ee, bare, router)                                         \
	{                                                                      \
		[EXTENSION_TA] = ta, [EXTENSION_CA] = ca, [EXTENSION_EE] = ee, \
		[EXTENSION_EE_BARE] = bare, [EXTENSION_ROUTER] = router        \
	}
	[ROW_BASIC_CONSTRAINTS] = { OID_BASIC_CONSTRAINTS, true,
	    NEED(MUST, MUST, MUST_NOT, MUST_NOT, MUST_NOT),
	    read_basic_constraints },
	[ROW_SKI] = { OID_SKI, false, NEED(MUST, MUST, MUST, MUST, MUST),
	    read_ski },
	[ROW_AKI] = { OID_AKI, false, NEED(MAY, MUST, MUST, MUST, MUST),
	    read_aki },
	[ROW_KEY_USAGE] = { OID_KEY_USAGE, true,
	    NEED(MUST, MUST, MUST, MUST, MUST), read_key_usage },
	[ROW_EKU] = { OID_EXT_KEY_USAGE, false,
	    NEED(MUST_NOT, MUST_NOT, MUST_NOT, MUST_NOT, MUST), read_eku },
	[ROW_CRL_POINTS] = { OID_CRL_POINTS, false,
	    NEED(MUST_NOT, MUST, MUST, MUST, MUST), location_crl_points },
	[ROW_AIA] = { OID_AIA, false, NEED(MUST_NOT, MUST, MUST, MUST, MUST),
	    location_authority },
	[ROW_SIA] = { OID_SIA, false,
	    NEED(MUST, MUST, MUST, MUST_NOT, MUST_NOT), location_subject },
	[ROW_POLICIES] = { OID_POLICIES, true,
	    NEED(MUST, MUST, MUST, MUST, MUST), read_policies },
	[ROW_IP] = { OID_IP_RESOURCES, true, NEED(MAY, MAY, MAY, MAY, MUST_NOT),
	    read_ip },
	[ROW_AS] = { OID_AS_RESOURCES, true, NEED(MAY, MAY, MAY, MAY, MUST),
	    read_as },
#undef NEED
};
static_assert(sizeof(rules) / sizeof(rules[0]) == EXTENSION_COUNT,
    "a row each");

static int
find_row(const struct der *d, struct bytes oid)
{
	for (int i = 0; i < EXTENSION_COUNT; i++) {
		if (oid_is(oid, rules[i].oid)) {
			return i;
		}
	}
	der_fail(d,
	    oid_is(oid, OID_IP_RESOURCES_V2) || oid_is(oid, OID_AS_RESOURCES_V2)
		? FAULT_CERT_V2_OID
		: FAULT_CERT_EXTENSION_UNKNOWN);
	return -1;
}

static void
collect_one(struct extension_list *list, struct der *all)
{
	struct der d = der_enter(all, DER_SEQUENCE);
	struct bytes oid = der_oid(&d);
	bool critical = der_flag(&d);
	struct bytes value = der_octets(&d);
	int row;

	der_close(&d);
	if (!der_fine(&d)) {
		return;
	}
	row = find_row(&d, oid);
	if (row < 0) {
		return;
	}
	if (list->rows[row].present) {
		der_fail(&d, FAULT_CERT_EXTENSION_TWICE);
	}
	list->rows[row].present = true;
	list->rows[row].critical = critical;
	list->rows[row].value = value;
}

void
extension_collect(struct extension_list *list, struct der *d)
{
	struct der all = der_enter(d, DER_SEQUENCE);

	memset(list, 0, sizeof(*list));
	while (der_more(&all)) {
		collect_one(list, &all);
	}
}

bool
extension_says(const struct extension_list *list, enum cert_kind *kind)
{
	if (list->rows[ROW_BASIC_CONSTRAINTS].present) {
		*kind = CERT_CA;
		return true;
	}
	if (list->rows[ROW_EKU].present) {
		*kind = CERT_ROUTER;
		return true;
	}
	return false;
}

/* All that is there may be, and what must be is: before any of it is read, or
 * what is wrong with one would hide that another has no place here. */
static void
check_presence(const struct extension_list *list, enum extension_role role,
    const struct der *d)
{
	for (unsigned i = 0; i < EXTENSION_COUNT; i++) {
		enum need need = (enum need)rules[i].need[role];

		if (list->rows[i].present && need == MUST_NOT) {
			der_fail(d, FAULT_CERT_EXTENSION_FORBIDDEN);
		}
		if (!list->rows[i].present && need == MUST) {
			der_fail(d, FAULT_CERT_EXTENSION_MISSING);
		}
	}
}

void
extension_read(const struct extension_list *list, enum extension_role role,
    struct cert *cert, const struct der *d, struct arena *arena)
{
	check_presence(list, role, d);
	for (unsigned i = 0; i < EXTENSION_COUNT && der_fine(d); i++) {
		struct der value = der_open(list->rows[i].value, d->fault);

		if (!list->rows[i].present) {
			continue;
		}
		if (list->rows[i].critical != rules[i].critical) {
			der_fail(d, FAULT_CERT_EXTENSION_CRITICAL);
		} else {
			rules[i].read(&value, cert, arena);
			der_close(&value);
		}
	}
}

/* The row of an extension, or -1, and its value. */
static int
glance_one(struct bytes whole, struct bytes *oid, struct bytes *value)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(whole, &fault);
	struct der d = der_enter(&top, DER_SEQUENCE);

	*oid = der_oid(&d);
	if (der_next_is(&d, DER_BOOLEAN)) {
		der_skip(&d);
	}
	*value = der_octets(&d);
	for (int i = 0; fault == FAULT_NONE && i < EXTENSION_COUNT; i++) {
		if (oid_is(*oid, rules[i].oid)) {
			return i;
		}
	}
	return -1;
}

void
extension_glance(struct der *list, struct cert *cert, struct arena *arena)
{
	struct extension_list all;
	struct bytes oid, value;

	memset(&all, 0, sizeof(all));
	while (der_more(list)) {
		int row = glance_one(der_skip(list), &oid, &value);

		if (row >= 0 && !all.rows[row].present) {
			all.rows[row].present = true;
			all.rows[row].value = value;
		}
	}
	if (!extension_says(&all, &cert->kind)) {
		cert->kind = CERT_EE;
	}
	for (unsigned i = 0; i < EXTENSION_COUNT; i++) {
		enum fault fault = FAULT_NONE;
		struct der d = der_open(all.rows[i].value, &fault);
		struct cert with = *cert;

		if (all.rows[i].present) {
			rules[i].read(&d, &with, arena);
			*cert = fault == FAULT_NONE ? with : *cert;
		}
	}
}

void
extension_glance_crl(struct bytes whole, struct keyid *aki,
    uint8_t number[CERT_SERIAL])
{
	enum fault fault = FAULT_NONE;
	struct bytes oid, value;
	struct der d;

	(void)glance_one(whole, &oid, &value);
	d = der_open(value, &fault);
	if (oid_is(oid, OID_AKI)) {
		extension_aki(&d, aki);
	} else if (oid_is(oid, OID_CRL_NUMBER)) {
		der_number(&d, number, CERT_SERIAL, FAULT_CRL_NUMBER);
	}
}
