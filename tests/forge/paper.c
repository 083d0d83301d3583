/* SPDX-License-Identifier: BSD-2-Clause */
/* paper - see paper.h. */
#include "tests/forge/paper.h"

#include <stdio.h>
#include <string.h>

#include "tests/forge/mutant.h"

#define OID_RSA_SHA256 "1.2.840.113549.1.1.11"
#define OID_CN         "2.5.4.3"

static void
algorithm(struct ink *k, const char *name)
{
	struct ink_mark seq = ink_open(k, INK_SEQ, name);

	ink_oid(k, NULL, OID_RSA_SHA256);
	ink_put(k, INK_NULL, NULL, bytes_of("", 0));
	ink_close(k, seq);
}

static void
common_name(struct ink *k, const char *name, const char *text_name,
    const char *text)
{
	struct ink_mark rdns = ink_open(k, INK_SEQ, name);
	struct ink_mark rdn = ink_open(k, INK_SET, NULL);
	struct ink_mark pair = ink_open(k, INK_SEQ, NULL);

	ink_oid(k, NULL, OID_CN);
	ink_text(k, INK_PRINTABLE, text_name, text);
	ink_close(k, pair);
	ink_close(k, rdn);
	ink_close(k, rdns);
}

/* An extension that is open: the marks to close, innermost last. */
struct extension {
	struct ink_mark whole;
	struct ink_mark value;
};

struct extension_row {
	const char *name, *critical, *value, *oid;
	bool is_critical;
};

enum { BC, SKI, AKI, KU, EKU, CRLDP, AIA, SIA, POLICY, IP, AS, CRLNUMBER };

static const struct extension_row rows[] = {
	[BC] = { "bc", "bc.critical", "bc.value", "2.5.29.19", true },
	[SKI] = { "ski", "ski.critical", "ski.value", "2.5.29.14", false },
	[AKI] = { "aki", "aki.critical", "aki.value", "2.5.29.35", false },
	[KU] = { "ku", "ku.critical", "ku.value", "2.5.29.15", true },
	[EKU] = { "eku", "eku.critical", "eku.value", "2.5.29.37", false },
	[CRLDP] = { "crldp", "crldp.critical", "crldp.value", "2.5.29.31",
	    false },
	[AIA] = { "aia", "aia.critical", "aia.value", "1.3.6.1.5.5.7.1.1",
	    false },
	[SIA] = { "sia", "sia.critical", "sia.value", "1.3.6.1.5.5.7.1.11",
	    false },
	[POLICY] = { "policy", "policy.critical", "policy.value", "2.5.29.32",
	    true },
	[IP] = { "ip", "ip.critical", "ip.value", "1.3.6.1.5.5.7.1.7", true },
	[AS] = { "as", "as.critical", "as.value", "1.3.6.1.5.5.7.1.8", true },
	[CRLNUMBER] = { "crlNumber", "crlNumber.critical", "crlNumber.value",
	    "2.5.29.20", false },
};

static struct extension
extend(struct ink *k, int which)
{
	const struct extension_row *row = &rows[which];
	struct extension e = { .whole = ink_open(k, INK_SEQ, row->name) };

	ink_oid(k, NULL, row->oid);
	if (row->is_critical) {
		ink_put(k, INK_BOOL, row->critical, bytes_of("\xff", 1));
	}
	e.value = ink_open(k, INK_OCTETS, row->value);
	return e;
}

static void
extended(struct ink *k, struct extension e)
{
	ink_close(k, e.value);
	ink_close(k, e.whole);
}

static void
key_ids(struct ink *k, const struct paper *paper)
{
	struct extension e = extend(k, SKI);
	struct ink_mark seq;

	ink_put(k, INK_OCTETS, "ski.id", bytes_of(paper->key->id, 20));
	extended(k, e);
	if (paper->kind == PAPER_ANCHOR) {
		return;
	}
	e = extend(k, AKI);
	seq = ink_open(k, INK_SEQ, "aki.seq");
	ink_put(k, 0x80, "aki.id", bytes_of(paper->signer->id, 20));
	ink_close(k, seq);
	extended(k, e);
}

static void
usages(struct ink *k, const struct paper *paper)
{
	bool is_ca = paper->kind == PAPER_ANCHOR || paper->kind == PAPER_CA;
	struct extension e = extend(k, KU);
	struct ink_mark seq;

	ink_put(k, INK_BITS, "ku.bits",
	    is_ca ? bytes_of("\1\6", 2) : bytes_of("\7\x80", 2));
	extended(k, e);
	if (paper->kind != PAPER_ROUTER) {
		return;
	}
	e = extend(k, EKU);
	seq = ink_open(k, INK_SEQ, "eku.seq");
	ink_oid(k, "eku.oid", "1.3.6.1.5.5.7.3.30");
	ink_close(k, seq);
	extended(k, e);
}

static void
crl_point(struct ink *k, const char *uri)
{
	struct extension e = extend(k, CRLDP);
	struct ink_mark list = ink_open(k, INK_SEQ, NULL);
	struct ink_mark point = ink_open(k, INK_SEQ, "crldp.point");
	struct ink_mark name = ink_open(k, INK_CTX, NULL);
	struct ink_mark full = ink_open(k, INK_CTX, NULL);

	ink_text(k, INK_URI, "crldp.uri", uri);
	ink_close(k, full);
	ink_close(k, name);
	ink_close(k, point);
	ink_close(k, list);
	extended(k, e);
}

static void
access_uri(struct ink *k, const char *name, const char *oid, const char *uri)
{
	struct ink_mark seq;

	if (uri == NULL) {
		return;
	}
	seq = ink_open(k, INK_SEQ, name);
	ink_oid(k, NULL, oid);
	ink_text(k, INK_URI, NULL, uri);
	ink_close(k, seq);
}

static void
places(struct ink *k, const struct paper *paper)
{
	struct extension e;
	struct ink_mark seq;

	if (paper->crl_uri != NULL) {
		crl_point(k, paper->crl_uri);
	}
	if (paper->issuer_uri != NULL) {
		e = extend(k, AIA);
		seq = ink_open(k, INK_SEQ, NULL);
		access_uri(k, "aia.uri", "1.3.6.1.5.5.7.48.2",
		    paper->issuer_uri);
		ink_close(k, seq);
		extended(k, e);
	}
	if (paper->repo_uri == NULL && paper->object_uri == NULL) {
		return;
	}
	e = extend(k, SIA);
	seq = ink_open(k, INK_SEQ, "sia.seq");
	access_uri(k, "sia.repo", "1.3.6.1.5.5.7.48.5", paper->repo_uri);
	access_uri(k, "sia.manifest", "1.3.6.1.5.5.7.48.10",
	    paper->manifest_uri);
	access_uri(k, "sia.notify", "1.3.6.1.5.5.7.48.13", paper->notify_uri);
	access_uri(k, "sia.object", "1.3.6.1.5.5.7.48.11", paper->object_uri);
	ink_close(k, seq);
	extended(k, e);
}

static void
resources(struct ink *k, const struct spans *spans)
{
	unsigned kinds = span_kinds(spans);
	struct extension e;

	if ((kinds & (1 << SPAN_V4 | 1 << SPAN_V6)) != 0) {
		e = extend(k, IP);
		span_ink_ips(k, "ip.blocks", spans);
		extended(k, e);
	}
	if ((kinds & 1 << SPAN_AS) != 0) {
		e = extend(k, AS);
		span_ink_asns(k, "as.ids", spans);
		extended(k, e);
	}
}

static void
extensions(struct ink *k, const struct paper *paper)
{
	struct ink_mark tagged = ink_open(k, INK_CTX + 3, "extensions");
	struct ink_mark list = ink_open(k, INK_SEQ, "extensions.list");
	struct extension e;
	struct ink_mark seq, info;

	if (paper->kind == PAPER_ANCHOR || paper->kind == PAPER_CA) {
		e = extend(k, BC);
		seq = ink_open(k, INK_SEQ, "bc.seq");
		ink_put(k, INK_BOOL, "bc.ca", bytes_of("\xff", 1));
		ink_close(k, seq);
		extended(k, e);
	}
	key_ids(k, paper);
	usages(k, paper);
	places(k, paper);
	e = extend(k, POLICY);
	seq = ink_open(k, INK_SEQ, NULL);
	info = ink_open(k, INK_SEQ, NULL);
	ink_oid(k, "policy.oid", "1.3.6.1.5.5.7.14.2");
	ink_close(k, info);
	ink_close(k, seq);
	extended(k, e);
	resources(k, paper->resources);
	ink_close(k, list);
	ink_close(k, tagged);
}

/* Signs what was written since mark->at and adds algorithm and signature. */
static void
sign(struct ink *k, size_t from, const struct key *signer)
{
	struct ink signature = { 0 };

	key_sign(signer, &signature, bytes_of(k->at + from, k->len - from));
	algorithm(k, "sigalg");
	ink_bits(k, "signature", ink_bytes(&signature));
	ink_clear(&signature);
}

void
paper_certificate(struct ink *k, const struct paper *paper)
{
	struct ink_mark whole = ink_open(k, INK_SEQ, "certificate");
	struct ink_mark tbs = ink_open(k, INK_SEQ, "tbs");
	struct ink_mark part = ink_open(k, INK_CTX, "version");

	ink_uint(k, NULL, 2);
	ink_close(k, part);
	ink_uint(k, "serial", paper->serial);
	algorithm(k, "tbs.sigalg");
	common_name(k, "issuer", "issuer.name", paper->issuer);
	part = ink_open(k, INK_SEQ, "validity");
	ink_time(k, INK_UTC, "notBefore", paper->from);
	ink_time(k, INK_UTC, "notAfter", paper->until);
	ink_close(k, part);
	common_name(k, "subject", "subject.name", paper->subject);
	ink_der(k, "spki", paper->key->spki);
	extensions(k, paper);
	ink_close(k, tbs);
	mutant_spoil(k->mutant, MUTANT_PAPER, k, tbs.at);
	sign(k, whole.at, paper->signer);
	ink_close(k, whole);
}

static void
revocations(struct ink *k, const struct paper_crl *crl)
{
	struct ink_mark list = ink_open(k, INK_SEQ, "revoked"), entry;

	if (crl->count == 0) {
		return;
	}
	for (size_t i = 0; i < crl->count; i++) {
		entry = ink_open(k, INK_SEQ, NULL);
		ink_uint(k, NULL, crl->serials[i]);
		ink_time(k, INK_UTC, NULL, crl->from);
		ink_close(k, entry);
	}
	ink_close(k, list);
}

static void
crl_extensions(struct ink *k, const struct paper_crl *crl)
{
	struct ink_mark tagged = ink_open(k, INK_CTX, "extensions");
	struct ink_mark list = ink_open(k, INK_SEQ, "extensions.list");
	struct extension e = extend(k, AKI);
	struct ink_mark seq = ink_open(k, INK_SEQ, "aki.seq");

	ink_put(k, 0x80, "aki.id", bytes_of(crl->signer->id, 20));
	ink_close(k, seq);
	extended(k, e);
	e = extend(k, CRLNUMBER);
	ink_uint(k, "crlNumber.number", crl->number);
	extended(k, e);
	ink_close(k, list);
	ink_close(k, tagged);
}

void
paper_crl(struct ink *k, const struct paper_crl *crl)
{
	struct ink_mark whole = ink_open(k, INK_SEQ, "crl");
	struct ink_mark tbs = ink_open(k, INK_SEQ, "tbs");

	ink_uint(k, "version", 1);
	algorithm(k, "tbs.sigalg");
	common_name(k, "issuer", "issuer.name", crl->signer->name);
	ink_time(k, INK_UTC, "thisUpdate", crl->from);
	ink_time(k, INK_UTC, "nextUpdate", crl->until);
	revocations(k, crl);
	crl_extensions(k, crl);
	ink_close(k, tbs);
	mutant_spoil(k->mutant, MUTANT_PAPER, k, tbs.at);
	sign(k, whole.at, crl->signer);
	ink_close(k, whole);
}
