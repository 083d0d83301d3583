/* SPDX-License-Identifier: BSD-2-Clause */
/* oid - see oid.h. The table is short enough to be searched from the top. */
#include "object/oid.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define OCTETS(text)                                                           \
	{                                                                      \
		(const uint8_t *)(text), sizeof(text) - 1                      \
	}

static const struct {
	const char *name;
	struct bytes content;
} oids[] = {
	[OID_RSA_ENCRYPTION] = { "rsaEncryption",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") },
	[OID_SHA256_WITH_RSA] = { "sha256WithRSAEncryption",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b") },
	[OID_SHA256] = { "id-sha256",
	    OCTETS("\x60\x86\x48\x01\x65\x03\x04\x02\x01") },
	[OID_EC_PUBLIC_KEY] = { "id-ecPublicKey",
	    OCTETS("\x2a\x86\x48\xce\x3d\x02\x01") },
	[OID_PRIME256V1] = { "prime256v1",
	    OCTETS("\x2a\x86\x48\xce\x3d\x03\x01\x07") },
	[OID_ECDSA_WITH_SHA256] = { "ecdsa-with-SHA256",
	    OCTETS("\x2a\x86\x48\xce\x3d\x04\x03\x02") },
	[OID_SIGNED_DATA] = { "id-signedData",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") },
	[OID_CONTENT_TYPE] = { "id-contentType",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03") },
	[OID_MESSAGE_DIGEST] = { "id-messageDigest",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04") },
	[OID_SIGNING_TIME] = { "id-signingTime",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05") },
	[OID_BINARY_SIGNING_TIME] = { "id-aa-binarySigningTime",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2e") },
	[OID_CT_ROA] = { "id-ct-routeOriginAuthz",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x18") },
	[OID_CT_MANIFEST] = { "id-ct-rpkiManifest",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x1a") },
	[OID_CT_GBR] = { "id-ct-rpkiGhostbusters",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x23") },
	[OID_CT_RSC] = { "id-ct-signedChecklist",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x30") },
	[OID_CT_ASPA] = { "id-ct-ASPA",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x31") },
	[OID_CT_TAK] = { "id-ct-signedTAL",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x32") },
	[OID_CT_SPL] = { "id-ct-signedPrefixList",
	    OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x33") },
	[OID_SKI] = { "id-ce-subjectKeyIdentifier", OCTETS("\x55\x1d\x0e") },
	[OID_KEY_USAGE] = { "id-ce-keyUsage", OCTETS("\x55\x1d\x0f") },
	[OID_BASIC_CONSTRAINTS] = { "id-ce-basicConstraints",
	    OCTETS("\x55\x1d\x13") },
	[OID_CRL_NUMBER] = { "id-ce-cRLNumber", OCTETS("\x55\x1d\x14") },
	[OID_CRL_POINTS] = { "id-ce-cRLDistributionPoints",
	    OCTETS("\x55\x1d\x1f") },
	[OID_POLICIES] = { "id-ce-certificatePolicies",
	    OCTETS("\x55\x1d\x20") },
	[OID_AKI] = { "id-ce-authorityKeyIdentifier", OCTETS("\x55\x1d\x23") },
	[OID_EXT_KEY_USAGE] = { "id-ce-extKeyUsage", OCTETS("\x55\x1d\x25") },
	[OID_AIA] = { "id-pe-authorityInfoAccess",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x01\x01") },
	[OID_SIA] = { "id-pe-subjectInfoAccess",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x01\x0b") },
	[OID_IP_RESOURCES] = { "id-pe-ipAddrBlocks",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x01\x07") },
	[OID_AS_RESOURCES] = { "id-pe-autonomousSysIds",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x01\x08") },
	[OID_IP_RESOURCES_V2] = { "id-pe-ipAddrBlocks-v2",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x01\x1c") },
	[OID_AS_RESOURCES_V2] = { "id-pe-autonomousSysIds-v2",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x01\x1d") },
	[OID_AD_CA_ISSUERS] = { "id-ad-caIssuers",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x30\x02") },
	[OID_AD_CA_REPOSITORY] = { "id-ad-caRepository",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x30\x05") },
	[OID_AD_MANIFEST] = { "id-ad-rpkiManifest",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x30\x0a") },
	[OID_AD_SIGNED_OBJECT] = { "id-ad-signedObject",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x30\x0b") },
	[OID_AD_NOTIFY] = { "id-ad-rpkiNotify",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x30\x0d") },
	[OID_CP_RESOURCES] = { "id-cp-ipAddr-asNumber",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x0e\x02") },
	[OID_CP_RESOURCES_V2] = { "id-cp-ipAddr-asNumber-v2",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x0e\x03") },
	[OID_QT_CPS] = { "id-qt-cps",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x02\x01") },
	[OID_KP_BGPSEC_ROUTER] = { "id-kp-bgpsec-router",
	    OCTETS("\x2b\x06\x01\x05\x05\x07\x03\x1e") },
	[OID_COMMON_NAME] = { "id-at-commonName", OCTETS("\x55\x04\x03") },
	[OID_SERIAL_NUMBER] = { "id-at-serialNumber", OCTETS("\x55\x04\x05") },
};
static_assert(sizeof(oids) / sizeof(oids[0]) == OID_COUNT, "a row each");

bool
oid_is(struct bytes content, enum oid oid)
{
	return bytes_equal(content, oids[oid].content);
}

/* Most differ in how long they are or where they end. */
enum oid
oid_of(struct bytes content)
{
	for (unsigned i = 0; content.len > 0 && i < OID_COUNT; i++) {
		struct bytes row = oids[i].content;

		if (row.len == content.len &&
		    row.at[row.len - 1] == content.at[row.len - 1] &&
		    bytes_equal(row, content)) {
			return (enum oid)i;
		}
	}
	return OID_UNKNOWN;
}

struct bytes
oid_bytes(enum oid oid)
{
	return oids[oid].content;
}

const char *
oid_name(enum oid oid)
{
	return oid == OID_UNKNOWN ? "unknown" : oids[oid].name;
}

/* One arc, seven bits an octet; false when there is no whole one we can say. */
static bool
take_arc(struct bytes *rest, uint64_t *arc)
{
	*arc = 0;
	while (rest->len > 0 && *arc <= UINT64_MAX >> 7) {
		uint8_t octet = rest->at[0];

		*rest = bytes_of(rest->at + 1, rest->len - 1);
		*arc = *arc << 7 | (octet & 0x7f);
		if ((octet & 0x80) == 0) {
			return true;
		}
	}
	return false;
}

void
oid_text(struct octets *out, struct bytes content)
{
	struct bytes rest = content;
	uint64_t arc, top;

	/* The first two share one: 40 times the first plus the second. */
	if (!take_arc(&rest, &arc)) {
		octets_printf(out, "...");
		return;
	}
	top = arc < 80 ? arc / 40 : 2;
	octets_printf(out, "%" PRIu64 ".%" PRIu64, top, arc - 40 * top);
	while (rest.len > 0) {
		if (!take_arc(&rest, &arc)) {
			octets_printf(out, "...");
			return;
		}
		octets_printf(out, ".%" PRIu64, arc);
	}
}
