/* SPDX-License-Identifier: BSD-2-Clause */
/* wrap - see wrap.h. */
#include "tests/forge/wrap.h"

#include "tests/forge/mutant.h"

#define OID_SIGNED      "1.2.840.113549.1.7.2"
#define OID_SHA256      "2.16.840.1.101.3.4.2.1"
#define OID_RSA         "1.2.840.113549.1.1.1"
#define OID_ATTR_TYPE   "1.2.840.113549.1.9.3"
#define OID_ATTR_DIGEST "1.2.840.113549.1.9.4"
#define OID_ATTR_TIME   "1.2.840.113549.1.9.5"

static void
algorithm(struct ink *k, const char *name, const char *oid)
{
	struct ink_mark seq = ink_open(k, INK_SEQ, name);

	ink_oid(k, NULL, oid);
	if (oid[0] == '1') {
		ink_put(k, INK_NULL, NULL, bytes_of("", 0));
	}
	ink_close(k, seq);
}

static void
encapsulate(struct ink *k, const struct wrap *wrap)
{
	struct ink_mark encap = ink_open(k, INK_SEQ, "cms.encap");
	struct ink_mark tagged;

	ink_oid(k, "cms.etype", wrap->type);
	tagged = ink_open(k, INK_CTX, "cms.etagged");
	ink_put(k, INK_OCTETS, "cms.econtent", wrap->content);
	ink_close(k, tagged);
	ink_close(k, encap);
}

/* In the order of their encodings, as a SET OF has them. */
static void
attributes(struct ink *k, const struct wrap *wrap)
{
	struct ink_mark list = ink_open(k, INK_SET, "cms.attributes");
	struct ink_mark attr = ink_open(k, INK_SEQ, "cms.attr.type"), value;
	uint8_t digest[32];

	ink_oid(k, NULL, OID_ATTR_TYPE);
	value = ink_open(k, INK_SET, "cms.attr.type.value");
	ink_oid(k, "cms.attr.type.oid", wrap->type);
	ink_close(k, value);
	ink_close(k, attr);
	attr = ink_open(k, INK_SEQ, "cms.attr.time");
	ink_oid(k, NULL, OID_ATTR_TIME);
	value = ink_open(k, INK_SET, "cms.attr.time.value");
	ink_time(k, INK_UTC, "cms.attr.time.time", wrap->signed_at);
	ink_close(k, value);
	ink_close(k, attr);
	attr = ink_open(k, INK_SEQ, "cms.attr.digest");
	ink_oid(k, NULL, OID_ATTR_DIGEST);
	value = ink_open(k, INK_SET, "cms.attr.digest.value");
	key_sha256(digest, wrap->content);
	ink_put(k, INK_OCTETS, "cms.attr.digest.octets",
	    bytes_of(digest, sizeof(digest)));
	ink_close(k, value);
	ink_close(k, attr);
	ink_close(k, list);
}

static void
signer(struct ink *k, const struct wrap *wrap)
{
	struct ink_mark infos = ink_open(k, INK_SET, "cms.signers");
	struct ink_mark info = ink_open(k, INK_SEQ, "cms.signer");
	struct ink attrs = { .edits = k->edits }, signature = { 0 };

	ink_uint(k, "cms.sversion", 3);
	ink_put(k, 0x80, "cms.sid", bytes_of(wrap->ee->key->id, 20));
	algorithm(k, "cms.sdigest", OID_SHA256);
	attributes(&attrs, wrap);
	mutant_spoil(k->mutant, MUTANT_ATTRIBUTES, &attrs, 0);
	key_sign(wrap->ee->key, &signature,
	    attrs.len > 0 ? ink_bytes(&attrs) : wrap->content);
	if (attrs.len > 0) {
		attrs.at[0] = INK_CTX;
	}
	ink_raw(k, attrs.at, attrs.len);
	algorithm(k, "cms.sigalg", OID_RSA);
	ink_put(k, INK_OCTETS, "cms.signature", ink_bytes(&signature));
	ink_close(k, info);
	ink_close(k, infos);
	ink_clear(&attrs);
	ink_clear(&signature);
}

void
wrap_object(struct ink *k, const struct wrap *wrap)
{
	struct ink_mark info = ink_open(k, INK_SEQ, "cms"), tagged, data, part;

	ink_oid(k, "cms.type", OID_SIGNED);
	tagged = ink_open(k, INK_CTX, "cms.content");
	data = ink_open(k, INK_SEQ, "cms.signed");
	ink_uint(k, "cms.version", 3);
	part = ink_open(k, INK_SET, "cms.digests");
	algorithm(k, "cms.digest", OID_SHA256);
	ink_close(k, part);
	encapsulate(k, wrap);
	part = ink_open(k, INK_CTX, "cms.certificates");
	k->prefix = "ee.";
	paper_certificate(k, wrap->ee);
	k->prefix = NULL;
	ink_close(k, part);
	signer(k, wrap);
	ink_close(k, data);
	ink_close(k, tagged);
	ink_close(k, info);
}
