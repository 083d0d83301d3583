/* SPDX-License-Identifier: BSD-2-Clause */
/* kind - see kind.h. */
#include "object/kind.h"

#include <string.h>

#include "object/oid.h"

enum { SUFFIX = 4 };

static const struct {
	const char *name;
	const char *suffix;
	enum oid oid; /* OID_UNKNOWN: not a signed object */
} kinds[KIND_COUNT] = {
	[KIND_CERT] = { "cer", ".cer", OID_UNKNOWN },
	[KIND_CRL] = { "crl", ".crl", OID_UNKNOWN },
	[KIND_MANIFEST] = { "mft", ".mft", OID_CT_MANIFEST },
	[KIND_ROA] = { "roa", ".roa", OID_CT_ROA },
	[KIND_ASPA] = { "aspa", ".asa", OID_CT_ASPA },
	[KIND_TAK] = { "tak", ".tak", OID_CT_TAK },
	[KIND_GBR] = { "gbr", ".gbr", OID_CT_GBR },
	[KIND_RSC] = { "rsc", ".sig", OID_CT_RSC },
	[KIND_SPL] = { "spl", ".spl", OID_CT_SPL },
	[KIND_UNKNOWN] = { "unknown", NULL, OID_UNKNOWN },
};

const char *
kind_name(enum kind kind)
{
	return kinds[kind].name;
}

const char *
kind_suffix(enum kind kind)
{
	return kinds[kind].suffix;
}

struct bytes
kind_oid(enum kind kind)
{
	if (kinds[kind].oid == OID_UNKNOWN) {
		return (struct bytes){ 0 };
	}
	return oid_bytes(kinds[kind].oid);
}

enum kind
kind_of_name(struct bytes name)
{
	if (name.len <= SUFFIX) {
		return KIND_UNKNOWN;
	}
	for (unsigned i = 0; i < KIND_UNKNOWN; i++) {
		if (memcmp(name.at + name.len - SUFFIX, kinds[i].suffix,
			SUFFIX) == 0) {
			return (enum kind)i;
		}
	}
	return KIND_UNKNOWN;
}

enum kind
kind_of_oid(struct bytes oid)
{
	for (unsigned i = 0; i < KIND_UNKNOWN; i++) {
		if (kinds[i].oid != OID_UNKNOWN && oid_is(oid, kinds[i].oid)) {
			return (enum kind)i;
		}
	}
	return KIND_UNKNOWN;
}
