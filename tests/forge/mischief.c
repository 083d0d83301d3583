/* SPDX-License-Identifier: BSD-2-Clause */
/* mischief - see mischief.h. */
#include "tests/forge/mischief.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/octets.h"
#include "base/text.h"

bool
mischief_span(const char *text, int64_t *seconds)
{
	char *end;
	long long n = strtoll(text, &end, 10);
	long long unit = 1;

	if (end == text) {
		return false;
	}
	switch (*end) {
	case 'd':
		unit = 86400;
		break;
	case 'h':
		unit = 3600;
		break;
	case 'm':
		unit = 60;
		break;
	case 's':
	case '\0':
		break;
	default:
		return false;
	}
	*seconds = n * unit;
	return *end == '\0' || end[1] == '\0';
}

static bool
moment(const struct world *world, const char *text, int64_t *when)
{
	if ((*text == '+' || *text == '-') && mischief_span(text, when)) {
		*when += world->clock;
		return true;
	}
	return clock_parse(when, text_bytes(text));
}

static bool
raw(struct ink *k, const char *hex)
{
	struct octets out = { 0 };
	bool ok = text_from_hex(&out, text_bytes(hex));

	ink_raw(k, out.at, out.len);
	octets_clear(&out);
	return ok;
}

static bool
value_resources(struct ink *k, const char *list, bool ips)
{
	struct spans spans = { 0 };
	char *copy = mem_text(list), *save = NULL;
	bool ok = true;

	for (char *word = strtok_r(copy, ",", &save); word != NULL;
	     word = strtok_r(NULL, ",", &save)) {
		ok = ok && span_add(&spans, word);
	}
	free(copy);
	if (ips) {
		spans.inherit &= ~(1U << SPAN_AS);
		span_settle(&spans);
		span_ink_ips(k, NULL, &spans);
	} else {
		span_settle(&spans);
		span_ink_asns(k, NULL, &spans);
	}
	span_clear(&spans);
	return ok;
}

static bool
value_many(struct ink *k, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	bool ok = *end == ':';

	for (unsigned long i = 0; ok && i < n; i++) {
		ok = raw(k, end + 1);
	}
	return ok;
}

static const struct {
	const char *name;
	uint8_t tag;
} texts[] = {
	{ "ia5:", INK_IA5 },
	{ "printable:", INK_PRINTABLE },
	{ "utf8:", INK_UTF8 },
	{ "uri:", INK_URI },
	{ "utctext:", INK_UTC },
	{ "gentext:", INK_TIME },
};

static bool
value(const struct world *world, struct ink *k, const char *text)
{
	int64_t when;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t n = strlen(texts[i].name);

		if (strncmp(text, texts[i].name, n) == 0) {
			ink_text(k, texts[i].tag, NULL, text + n);
			return true;
		}
	}
	if (strncmp(text, "int:", 4) == 0) {
		ink_uint(k, NULL, strtoull(text + 4, NULL, 10));
		return true;
	}
	if (strncmp(text, "oid:", 4) == 0) {
		ink_oid(k, NULL, text + 4);
		return true;
	}
	if (strncmp(text, "utc:", 4) == 0 || strncmp(text, "gen:", 4) == 0) {
		if (!moment(world, text + 4, &when)) {
			return false;
		}
		ink_time(k, *text == 'u' ? INK_UTC : INK_TIME, NULL, when);
		return true;
	}
	if (strncmp(text, "ips:", 4) == 0) {
		return value_resources(k, text + 4, true);
	}
	if (strncmp(text, "asns:", 5) == 0) {
		return value_resources(k, text + 5, false);
	}
	if (strncmp(text, "many:", 5) == 0) {
		return value_many(k, text + 5);
	}
	if (strcmp(text, "null") == 0) {
		return raw(k, "0500");
	}
	return strcmp(text, "-") == 0 || raw(k, text);
}

static const struct {
	const char *name;
	enum edit_how how;
} hows[] = {
	{ "set", EDIT_SET },
	{ "drop", EDIT_DROP },
	{ "before", EDIT_BEFORE },
	{ "after", EDIT_AFTER },
	{ "inside", EDIT_INSIDE },
	{ "append", EDIT_APPEND },
	{ "tag", EDIT_TAG },
	{ "flip", EDIT_FLIP },
	{ "twice", EDIT_TWICE },
	{ "swap", EDIT_SWAP },
	{ "long", EDIT_LONG },
	{ "indefinite", EDIT_INDEFINITE },
};

bool
mischief_edit(struct world *world, struct item *item, const char *field,
    const char *how, const char *text)
{
	struct edit *edit = NULL;
	struct ink k = { 0 };
	bool ok;

	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
		if (strcmp(hows[i].name, how) == 0) {
			edit = arena_zero(world->arena, 1, sizeof(*edit));
			edit->how = hows[i].how;
		}
	}
	if (edit == NULL) {
		return false;
	}
	ok = value(world, &k, text);
	edit->field = arena_text(world->arena, field);
	edit->value = arena_copy(world->arena, ink_bytes(&k));
	ink_clear(&k);
	if (item->edits == NULL) {
		item->edits = edit;
	} else {
		item->last_edit->next = edit;
	}
	item->last_edit = edit;
	world_touch(item);
	return ok;
}

#define BASIC_CA     "300f0603551d130101ff040530030101ff"
#define UNKNOWN_CRIT "300e06032a03040101ff040403020100"
#define TRUE_FLAG    "0101ff"
#define UNKNOWN      "300b06032a0304040403020100"
#define EXTRA_AS     "301a06082b060105050701080101ff040b3009a0073005020300fbf5"
#define EXTRA_IP     "301906082b060105050701070101ff040a30083006040200010500"

/*
 * Each row is one edit; rows of the same name are applied together. In a
 * certificate or a CRL that stands alone "ee." is left out.
 */
static const struct {
	const char *name, *field, *how, *value;
} rows[] = {
	/* time */
	{ "expired", "ee.notBefore", "set", "utc:-2d" },
	{ "expired", "ee.notAfter", "set", "utc:-1h" },
	{ "not-yet", "ee.notBefore", "set", "utc:+1d" },
	{ "reversed-validity", "ee.notAfter", "set", "utc:-3d" },
	{ "generalized-before-2050", "ee.notAfter", "set", "gen:+1d" },
	/* resources */
	{ "overclaim", "ee.ip.blocks", "set", "ips:1.0.0.0/8" },
	{ "overclaim-as", "ee.as.ids", "set", "asns:AS4200000000" },
	{ "inherit", "ee.ip.blocks", "set", "ips:inherit" },
	{ "no-ip", "ee.ip", "drop", "-" },
	{ "no-as", "ee.as", "drop", "-" },
	{ "ip-not-critical", "ee.ip.critical", "drop", "-" },
	{ "ip-swapped", "ee.ip.blocks", "swap", "-" },
	/* signatures and digests */
	{ "ee-signature", "ee.signature", "flip", "-" },
	{ "cms-signature", "cms.signature", "flip", "-" },
	{ "message-digest", "cms.attr.digest.octets", "flip", "-" },
	{ "sha1-digest", "cms.digest", "set", "300906052b0e03021a0500" },
	{ "sha1-signer", "cms.sdigest", "set", "300906052b0e03021a0500" },
	{ "ee-sigalg", "ee.sigalg", "set", "300d06092a864886f70d01010c0500" },
	{ "ee-sigalg-sha1", "ee.tbs.sigalg", "set",
	    "300d06092a864886f70d0101050500" },
	/* CMS */
	{ "content-type", "cms.etype", "set",
	    "oid:1.2.840.113549.1.9.16.1.99" },
	{ "attribute-type", "cms.attr.type.oid", "set",
	    "oid:1.2.840.113549.1.9.16.1.99" },
	{ "not-signed-data", "cms.type", "set", "oid:1.2.840.113549.1.7.1" },
	{ "cms-version", "cms.version", "set", "int:1" },
	{ "signer-version", "cms.sversion", "set", "int:1" },
	{ "no-content", "cms.etagged", "drop", "-" },
	{ "trailing", "cms", "after", "0000" },
	{ "trailing-content", "content", "after", "0500" },
	{ "long-length", "cms.signed", "long", "-" },
	{ "indefinite", "cms.content", "indefinite", "-" },
	{ "no-signing-time", "cms.attr.time", "drop", "-" },
	{ "no-attributes", "cms.attributes", "drop", "-" },
	{ "no-message-digest", "cms.attr.digest", "drop", "-" },
	{ "attribute-twice", "cms.attr.digest", "twice", "-" },
	{ "unknown-attribute", "cms.attr.digest", "after",
	    "300906032a03043102"
	    "0500" },
	{ "unsorted-attributes", "cms.attributes", "swap", "-" },
	{ "two-certificates", "ee.certificate", "twice", "-" },
	{ "no-certificate", "ee.certificate", "drop", "-" },
	{ "crl-inside", "cms.certificates", "after", "a1023000" },
	{ "two-signers", "cms.signer", "twice", "-" },
	{ "wrong-sid", "cms.sid", "flip", "-" },
	{ "unsigned-attributes", "cms.signature", "after", "a1023000" },
	{ "two-digests", "cms.digest", "twice", "-" },
	{ "sha512-digest", "cms.digest", "set", "300b0609608648016503040203" },
	{ "two-values", "cms.attr.digest.octets", "twice", "-" },
	{ "two-types", "cms.attr.type.oid", "twice", "-" },
	{ "type-twice", "cms.attr.type", "twice", "-" },
	{ "no-type", "cms.attr.type", "drop", "-" },
	{ "no-values", "cms.attr.digest.value", "inside", "-" },
	{ "empty-attributes", "cms.attributes", "inside", "-" },
	{ "binary-signing-time", "cms.attr.type", "before",
	    "3015060b2a864886f70d010910022e310602045f5e1000" },
	{ "general-signing-time", "cms.attr.time.time", "set", "gen:-1h" },
	{ "constructed-content", "cms.econtent", "tag", "24" },
	{ "empty-content", "cms.econtent", "inside", "-" },
	{ "no-signers", "cms.signers", "inside", "-" },
	{ "issuer-serial", "cms.sversion", "set", "int:1" },
	{ "issuer-serial", "cms.sid", "set", "30053000020101" },
	{ "pss", "cms.sigalg", "set", "300b06092a864886f70d01010a" },
	{ "short-signature", "cms.signature", "inside", "0102" },
	{ "other-kind", "cms.etype", "set", "oid:1.2.840.113549.1.9.16.1.99" },
	{ "other-kind", "cms.attr.type.oid", "set",
	    "oid:1.2.840.113549.1.9.16.1.99" },
	{ "elsewhere", "ee.sia.object", "set",
	    "303206082b0601050507300b8626"
	    "7273796e633a2f2f6e6f77686572652e6578616d706c652e6e6574"
	    "2f7265706f2f782e726f61" },
	{ "no-object-uri", "ee.sia.object", "drop", "-" },
	{ "repository-in-ee", "ee.sia.object", "after",
	    "302d06082b060105050730058621"
	    "7273796e633a2f2f6e6f77686572652e6578616d706c652e6e6574"
	    "2f7265706f2f" },
	/* certificates */
	{ "version", "ee.version", "set", "a003020101" },
	{ "serial-zero", "ee.serial", "set", "int:0" },
	{ "serial-negative", "ee.serial", "set", "0201ff" },
	{ "serial-long", "ee.serial", "set",
	    "0215010203040506070809101112131415161718192021" },
	{ "issuer-name", "ee.issuer.name", "set", "printable:Nobody" },
	{ "two-names", "ee.subject", "append", "310c300a06035504030c03616263" },
	{ "utf8-name", "ee.subject.name", "tag", "0c" },
	{ "no-aki", "ee.aki", "drop", "-" },
	{ "wrong-aki", "ee.aki.id", "flip", "-" },
	{ "no-ski", "ee.ski", "drop", "-" },
	{ "wrong-ski", "ee.ski.id", "flip", "-" },
	{ "key-usage", "ee.ku.bits", "inside", "0106" },
	{ "no-key-usage", "ee.ku", "drop", "-" },
	{ "duplicate-extension", "ee.ku", "twice", "-" },
	{ "unknown-critical", "ee.policy", "after", UNKNOWN_CRIT },
	{ "unknown-extension", "ee.policy", "after", UNKNOWN },
	{ "basic-constraints", "ee.policy", "after", BASIC_CA },
	{ "no-basic-constraints", "ee.bc", "drop", "-" },
	{ "path-length", "ee.bc.ca", "after", "020105" },
	{ "no-crldp", "ee.crldp", "drop", "-" },
	{ "wrong-crldp", "ee.crldp.uri", "set",
	    "uri:rsync://nowhere.example.net/repo/x.crl" },
	{ "no-aia", "ee.aia", "drop", "-" },
	{ "no-sia", "ee.sia", "drop", "-" },
	{ "no-manifest-uri", "ee.sia.manifest", "drop", "-" },
	{ "two-notifies", "ee.sia.notify", "twice", "-" },
	{ "no-policy", "ee.policy", "drop", "-" },
	{ "wrong-policy", "ee.policy.oid", "set", "oid:1.2.3.4" },
	{ "cert-trailing", "ee.certificate", "after", "0500" },
	{ "unique-id", "ee.spki", "after", "81020001" },
	{ "issuer-utf8", "ee.issuer.name", "tag", "0c" },
	{ "name-long", "ee.subject.name", "set",
	    "printable:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
	{ "key-usage-not-critical", "ee.ku.critical", "drop", "-" },
	{ "policy-not-critical", "ee.policy.critical", "drop", "-" },
	{ "bc-not-critical", "ee.bc.critical", "drop", "-" },
	{ "as-not-critical", "ee.as.critical", "drop", "-" },
	{ "ski-critical", "ee.ski.value", "before", TRUE_FLAG },
	{ "aki-critical", "ee.aki.value", "before", TRUE_FLAG },
	{ "eku-critical", "ee.eku.value", "before", TRUE_FLAG },
	{ "crldp-critical", "ee.crldp.value", "before", TRUE_FLAG },
	{ "aia-critical", "ee.aia.value", "before", TRUE_FLAG },
	{ "sia-critical", "ee.sia.value", "before", TRUE_FLAG },
	{ "aki-issuer", "ee.aki.seq", "append", "a103820161" },
	{ "aki-serial", "ee.aki.seq", "append", "820107" },
	{ "no-eku", "ee.eku", "drop", "-" },
	{ "eku", "ee.policy", "after",
	    "30130603551d25040c300a06082b0601050507031e" },
	{ "name-constraints", "ee.policy", "after",
	    "30100603551d1e04093007a0053003820161" },
	{ "two-policies", "ee.policy.value", "inside",
	    "3012300a06082b06010505070e02300406022a03" },
	{ "policy-v2", "ee.policy.oid", "set", "oid:1.3.6.1.5.5.7.14.3" },
	{ "crldp-reasons", "ee.crldp.point", "append", "81020106" },
	{ "crldp-issuer", "ee.crldp.point", "append", "a203820161" },
	{ "no-repository-uri", "ee.sia.repo", "drop", "-" },
	{ "extra-sia", "ee.policy", "after",
	    "302906082b0601050507010b041d301b301906082b0601050507300b"
	    "860d7273796e633a2f2f682f6d2f78" },
	{ "extra-aki", "ee.policy", "after",
	    "301f0603551d2304183016801400112233445566778899aabbccddeeff"
	    "00112233" },
	{ "extra-crldp", "ee.policy", "after",
	    "301e0603551d1f041730153013a011a00f"
	    "860d7273796e633a2f2f682f6d2f78" },
	{ "extra-aia", "ee.policy", "after",
	    "302906082b06010505070101041d301b301906082b06010505073002"
	    "860d7273796e633a2f2f682f6d2f78" },
	{ "adjacent", "ee.ip.blocks", "set",
	    "3014301204020001300c0304000a01000304000a0101" },
	{ "prefix-range", "ee.ip.blocks", "set",
	    "3015301304020001300d300b0303000a010304000a0100" },
	{ "safi", "ee.ip.blocks", "set",
	    "300e300c0403000101"
	    "30050303000a01" },
	{ "rdi", "ee.as.ids", "set", "300ea0053003020101a1053003020101" },
	/* manifests */
	{ "stale", "thisUpdate", "set", "gen:-2d" },
	{ "stale", "nextUpdate", "set", "gen:-1h" },
	{ "future", "thisUpdate", "set", "gen:+1h" },
	{ "reversed-updates", "nextUpdate", "set", "gen:-2h" },
	{ "number-negative", "number", "set", "0201ff" },
	{ "number-huge", "number", "set",
	    "0215010203040506070809101112131415161718192021" },
	{ "explicit-version", "number", "before", "a003020100" },
	{ "hash-algorithm", "hashAlg", "set", "oid:1.3.14.3.2.26" },
	{ "no-files", "files", "inside", "-" },
	{ "utc-update", "thisUpdate", "set", "utc:-1h" },
	{ "equal-updates", "nextUpdate", "set", "gen:-1h" },
	{ "fraction-update", "thisUpdate", "set", "gentext:20260101000000.5Z" },
	{ "number-padded", "number", "set", "02020005" },
	{ "version-one", "number", "before", "a003020101" },
	/* CRLs */
	{ "crl-expired", "thisUpdate", "set", "utc:-2d" },
	{ "crl-expired", "nextUpdate", "set", "utc:-1h" },
	{ "crl-future", "thisUpdate", "set", "utc:+1h" },
	{ "crl-signature", "signature", "flip", "-" },
	{ "crl-no-number", "crlNumber", "drop", "-" },
	{ "crl-no-aki", "aki", "drop", "-" },
	{ "crl-wrong-aki", "aki.id", "flip", "-" },
	{ "crl-version", "version", "drop", "-" },
	{ "crl-no-next-update", "nextUpdate", "drop", "-" },
	{ "crl-entry-extension", "revoked", "set",
	    "3022302002014d170d3236303130313030303030305a"
	    "300c300a0603551d1504030a0101" },
	{ "crl-serial-zero", "revoked", "set",
	    "30143012020100170d3236303130313030303030305a" },
	{ "crl-number-critical", "crlNumber.value", "before", TRUE_FLAG },
	{ "crl-number-negative", "crlNumber.number", "set", "0201ff" },
	{ "crl-number-long", "crlNumber.number", "set",
	    "0215010203040506070809101112131415161718192021" },
	{ "crl-number-twice", "crlNumber", "twice", "-" },
	{ "crl-delta", "crlNumber", "after", "300d0603551d1b0101ff0403020101" },
	{ "crl-partition", "crlNumber", "after",
	    "300f0603551d1c0101ff040530038101ff" },
	{ "crl-reversed", "nextUpdate", "set", "utc:-2h" },
	{ "crl-generalized", "nextUpdate", "set", "gen:+1d" },
	{ "crl-unknown-extension", "crlNumber", "after", UNKNOWN },
	/* payload */
	{ "no-families", "families", "inside", "-" },
	{ "family-three", "family", "inside", "0003" },
	{ "family-safi", "family", "inside", "000101" },
	{ "family-twice", "family.4", "twice", "-" },
	{ "no-addresses", "addresses", "inside", "-" },
	{ "as-too-big", "asID", "set", "02050100000000" },
	{ "as-negative", "asID", "set", "0201ff" },
	{ "aspa-no-version", "version", "drop", "-" },
	{ "aspa-unsorted", "providers", "swap", "-" },
	{ "aspa-no-providers", "providers", "inside", "-" },
	{ "as-zero", "asID", "set", "int:0" },
	{ "default-version", "asID", "before", "a003020100" },
	{ "extra-as", "ee.ip", "after", EXTRA_AS },
	{ "extra-ip", "ee.as", "before", EXTRA_IP },
	{ "as-inherit", "ee.as.ids", "set", "asns:inherit" },
	{ "as-more", "ee.as.ids", "set", "asns:AS64501-64510" },
	{ "prefix-too-long", "families", "inside",
	    "301004020001300a30080306070a01000000" },
	{ "prefix-host-bits", "families", "inside",
	    "301504020001300f30050303000a0130060304040a010f" },
	{ "maxlen-too-long", "families", "inside",
	    "301004020001300a30080303000a01020121" },
	{ "maxlen-too-short", "families", "inside",
	    "301004020001300a30080303000a0102010f" },
	{ "addresses-swapped", "addresses", "swap", "-" },
	{ "aspa-customer-zero", "customer", "set", "int:0" },
	{ "aspa-version-zero", "version", "set", "a003020100" },
	{ "aspa-self", "providers", "inside", "020300fbf5" },
	{ "aspa-zero-too", "providers", "inside", "020100020300fbf6" },
	{ "aspa-twice", "providers", "inside", "020300fbf6020300fbf6" },
	{ "aspa-provider-big", "providers", "inside", "02050100000000" },
	{ "tak-no-uris", "uris", "inside", "-" },
	{ "tak-comment", "comments", "inside", "0c02410a" },
	{ "tak-key", "key", "flip", "-" },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

bool
mischief_break(struct world *world, struct item *item, const char *name)
{
	bool bare = item->kind == ITEM_CERT || item->kind == ITEM_ROUTER ||
		    item->kind == ITEM_CRL;
	bool any = false;

	for (size_t i = 0; i < ROWS; i++) {
		const char *field = rows[i].field;

		if (strcmp(rows[i].name, name) != 0) {
			continue;
		}
		if (bare && strncmp(field, "ee.", 3) == 0) {
			field += 3;
		}
		any = true;
		if (!mischief_edit(world, item, field, rows[i].how,
			rows[i].value)) {
			return false;
		}
	}
	item->invalid = true;
	return any;
}

void
mischief_list(void)
{
	for (size_t i = 0; i < ROWS; i++) {
		printf("%-24s %s %s %s\n", rows[i].name, rows[i].how,
		    rows[i].field, rows[i].value);
	}
}
