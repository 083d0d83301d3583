/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * oid - every OBJECT IDENTIFIER we know, by its content octets.
 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "base/octets.h"

enum oid {
	/* algorithms */
	OID_RSA_ENCRYPTION,
	OID_SHA256_WITH_RSA,
	OID_SHA256,
	OID_EC_PUBLIC_KEY,
	OID_PRIME256V1,
	OID_ECDSA_WITH_SHA256,
	/* CMS and its attributes */
	OID_SIGNED_DATA,
	OID_CONTENT_TYPE,
	OID_MESSAGE_DIGEST,
	OID_SIGNING_TIME,
	OID_BINARY_SIGNING_TIME,
	/* eContentTypes */
	OID_CT_ROA,
	OID_CT_MANIFEST,
	OID_CT_GBR,
	OID_CT_RSC,
	OID_CT_ASPA,
	OID_CT_TAK,
	OID_CT_SPL,
	/* certificate extensions */
	OID_SKI,
	OID_KEY_USAGE,
	OID_BASIC_CONSTRAINTS,
	OID_CRL_NUMBER,
	OID_CRL_POINTS,
	OID_POLICIES,
	OID_AKI,
	OID_EXT_KEY_USAGE,
	OID_AIA,
	OID_SIA,
	OID_IP_RESOURCES,
	OID_AS_RESOURCES,
	OID_IP_RESOURCES_V2,
	OID_AS_RESOURCES_V2,
	/* what stands inside them */
	OID_AD_CA_ISSUERS,
	OID_AD_CA_REPOSITORY,
	OID_AD_MANIFEST,
	OID_AD_SIGNED_OBJECT,
	OID_AD_NOTIFY,
	OID_CP_RESOURCES,
	OID_CP_RESOURCES_V2,
	OID_QT_CPS,
	OID_KP_BGPSEC_ROUTER,
	/* names */
	OID_COMMON_NAME,
	OID_SERIAL_NUMBER,
	OID_COUNT,
	OID_UNKNOWN = OID_COUNT
};

/* Which one these content octets are; OID_UNKNOWN when none of ours. */
enum oid oid_of(struct bytes content);

bool oid_is(struct bytes content, enum oid oid);
struct bytes oid_bytes(enum oid oid); /* content octets */
const char *oid_name(enum oid oid);   /* "id-ce-keyUsage" */

/* Any identifier as people write it: "2.5.29.15"; arcs too large for us and
 * what is cut off end it with "...". */
void oid_text(struct octets *out, struct bytes content);
