/* SPDX-License-Identifier: BSD-2-Clause */
/* content - see content.h. */
#include "tests/forge/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/octets.h"

#define OID_CT     "1.2.840.113549.1.9.16.1."
#define OID_SHA256 "2.16.840.1.101.3.4.2.1"

static uint32_t
asn(const char *word)
{
	return (uint32_t)strtoul(strncmp(word, "AS", 2) == 0 ? word + 2 : word,
	    NULL, 10);
}

unsigned
content_maxlen(const char *word, char *out)
{
	const char *slash = strchr(word, '/');
	const char *dash = slash == NULL ? NULL : strchr(slash, '-');
	size_t len = dash == NULL ? strlen(word) : (size_t)(dash - word);

	if (len > 63) {
		len = 63;
	}
	memcpy(out, word, len);
	out[len] = '\0';
	if (dash != NULL) {
		return (unsigned)strtoul(dash + 1, NULL, 10);
	}
	return slash == NULL ? 0 : (unsigned)strtoul(slash + 1, NULL, 10);
}

struct listed {
	struct span span;
	unsigned bits, maxlen;
};

static int
compare_listed(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;
	int order = (int)x->span.kind - (int)y->span.kind;

	if (order == 0) {
		order = memcmp(x->span.lo, y->span.lo, 16);
	}
	if (order == 0) {
		order = (int)x->bits - (int)y->bits;
	}
	return order == 0 ? (int)x->maxlen - (int)y->maxlen : order;
}

/* The prefixes in the item's words, in the canonical order. */
static struct listed *
prefixes(const struct item *item, size_t *count)
{
	struct listed *all = mem_zero(item->word_count + 1, sizeof(*all));
	char text[64];

	*count = 0;
	for (size_t i = 1; i < item->word_count; i++) {
		struct listed *one = &all[*count];

		one->maxlen = content_maxlen(item->words[i], text);
		if (span_prefix(&one->span, &one->bits, text)) {
			(*count)++;
		}
	}
	qsort(all, *count, sizeof(*all), compare_listed);
	return all;
}

static void
roa_address(struct ink *k, const struct listed *one)
{
	struct ink_mark seq = ink_open(k, INK_SEQ, NULL);

	ink_prefix(k, NULL, one->span.lo, one->bits);
	if (one->maxlen != one->bits) {
		ink_uint(k, NULL, one->maxlen);
	}
	ink_close(k, seq);
}

static void
spl_address(struct ink *k, const struct listed *one)
{
	ink_prefix(k, NULL, one->span.lo, one->bits);
}

static void
families(struct ink *k, const struct item *item,
    void (*address)(struct ink *, const struct listed *))
{
	struct ink_mark list = ink_open(k, INK_SEQ, "families"), family, inner;
	size_t count;
	struct listed *all = prefixes(item, &count);

	for (unsigned kind = SPAN_V4; kind <= SPAN_V6; kind++) {
		uint8_t afi[2] = { 0, (uint8_t)kind };
		size_t in = 0;

		family = ink_open(k, INK_SEQ,
		    kind == SPAN_V4 ? "family.4" : "family.6");
		ink_put(k, INK_OCTETS, "family", bytes_of(afi, 2));
		inner = ink_open(k, INK_SEQ, "addresses");
		for (size_t i = 0; i < count; i++) {
			if ((unsigned)all[i].span.kind == kind) {
				address(k, &all[i]);
				in++;
			}
		}
		if (in == 0) {
			k->len = family.at;
			continue;
		}
		ink_close(k, inner);
		ink_close(k, family);
	}
	free(all);
	ink_close(k, list);
}

static void
write_roa(struct ink *k, const struct item *item)
{
	struct ink_mark seq = ink_open(k, INK_SEQ, "content");

	ink_uint(k, "asID", asn(item->words[0]));
	families(k, item, roa_address);
	ink_close(k, seq);
}

static void
write_spl(struct ink *k, const struct item *item)
{
	struct ink_mark seq = ink_open(k, INK_SEQ, "content");

	ink_uint(k, "asID", asn(item->words[0]));
	families(k, item, spl_address);
	ink_close(k, seq);
}

static int
compare_asns(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
write_aspa(struct ink *k, const struct item *item)
{
	struct ink_mark seq = ink_open(k, INK_SEQ, "content");
	struct ink_mark part = ink_open(k, INK_CTX, "version");
	size_t count = item->word_count - 1;
	uint32_t *providers = mem_zero(count + 1, sizeof(*providers));

	ink_uint(k, NULL, 1);
	ink_close(k, part);
	ink_uint(k, "customer", asn(item->words[0]));
	part = ink_open(k, INK_SEQ, "providers");
	for (size_t i = 0; i < count; i++) {
		providers[i] = asn(item->words[i + 1]);
	}
	qsort(providers, count, sizeof(*providers), compare_asns);
	for (size_t i = 0; i < count; i++) {
		ink_uint(k, NULL, providers[i]);
	}
	free(providers);
	ink_close(k, part);
	ink_close(k, seq);
}

/* words: who, and properties that stand behind the others. */
static void
write_gbr(struct ink *k, const struct item *item)
{
	const char *who = item->word_count > 0 ? item->words[0] : "Nobody";
	struct octets card = { 0 };

	octets_printf(&card,
	    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:%s\r\n"
	    "EMAIL:%s@example.net\r\n",
	    who, who);
	for (size_t i = 1; i < item->word_count; i++) {
		octets_printf(&card, "%s\r\n", item->words[i]);
	}
	octets_printf(&card, "END:VCARD\r\n");
	ink_raw(k, card.at, card.len);
	octets_clear(&card);
}

/* words: the key's own URI, and for a successor its URI and key in hex. */
static void
write_tak(struct ink *k, const struct item *item)
{
	struct ink_mark seq = ink_open(k, INK_SEQ, "content");
	struct ink_mark current = ink_open(k, INK_SEQ, "current"), part;

	part = ink_open(k, INK_SEQ, "comments");
	ink_close(k, part);
	part = ink_open(k, INK_SEQ, "uris");
	for (size_t i = 0; i < item->word_count; i++) {
		ink_text(k, INK_IA5, NULL, item->words[i]);
	}
	ink_close(k, part);
	ink_der(k, "key", item->ca->key->spki);
	ink_close(k, current);
	ink_close(k, seq);
}

static void
write_rsc(struct ink *k, const struct item *item)
{
	struct ink_mark seq = ink_open(k, INK_SEQ, "content"), part, inner;
	struct spans spans = { 0 };
	uint8_t hash[32];

	content_cover(&spans, item);
	part = ink_open(k, INK_SEQ, "resources");
	inner = ink_open(k, INK_CTX + 1, NULL);
	span_ink_ips(k, NULL, &spans);
	ink_close(k, inner);
	ink_close(k, part);
	part = ink_open(k, INK_SEQ, "digest");
	ink_oid(k, NULL, OID_SHA256);
	ink_close(k, part);
	part = ink_open(k, INK_SEQ, "list");
	inner = ink_open(k, INK_SEQ, NULL);
	ink_text(k, INK_IA5, NULL, "letter.txt");
	key_sha256(hash, bytes_of("a letter\n", 9));
	ink_put(k, INK_OCTETS, NULL, bytes_of(hash, 32));
	ink_close(k, inner);
	ink_close(k, part);
	ink_close(k, seq);
	span_clear(&spans);
}

static void
cover_prefixes(struct spans *spans, const struct item *item)
{
	size_t count;
	struct listed *all = prefixes(item, &count);

	for (size_t i = 0; i < count; i++) {
		span_add_span(spans, &all[i].span);
	}
	free(all);
}

static void
cover_first(struct spans *spans, const struct item *item)
{
	char word[32];

	snprintf(word, sizeof(word), "AS%lu",
	    (unsigned long)asn(item->words[0]));
	span_add(spans, word);
}

static void
cover_words(struct spans *spans, const struct item *item)
{
	for (size_t i = 0; i < item->word_count; i++) {
		span_add(spans, item->words[i]);
	}
}

static const struct {
	const char *type;
	void (*write)(struct ink *k, const struct item *item);
	void (*cover)(struct spans *spans, const struct item *item);
} rows[ITEM_KINDS] = {
	/* no cover: all three kinds inherited, whatever the CA has */
	[ITEM_MANIFEST] = { OID_CT "26", NULL, NULL },
	[ITEM_ROA] = { OID_CT "24", write_roa, cover_prefixes },
	[ITEM_ASPA] = { OID_CT "49", write_aspa, cover_first },
	[ITEM_ROUTER] = { NULL, NULL, cover_first },
	[ITEM_GBR] = { OID_CT "35", write_gbr, NULL },
	[ITEM_TAK] = { OID_CT "50", write_tak, NULL },
	[ITEM_SPL] = { OID_CT "51", write_spl, cover_first },
	[ITEM_RSC] = { OID_CT "48", write_rsc, cover_words },
};

const char *
content_type(enum item_kind kind)
{
	return rows[kind].type;
}

void
content_write(struct ink *k, const struct item *item)
{
	rows[item->kind].write(k, item);
}

void
content_cover(struct spans *spans, const struct item *item)
{
	if (rows[item->kind].cover == NULL) {
		spans->inherit = 1U << SPAN_V4 | 1U << SPAN_V6 | 1U << SPAN_AS;
		return;
	}
	rows[item->kind].cover(spans, item);
	span_settle(spans);
}

static void
manifest_file(struct ink *k, const struct content_file *file)
{
	char whole[300] = "", name[300] = "", hash[300] = "";
	struct ink_mark seq;

	if (k->edits != NULL) {
		snprintf(whole, sizeof(whole), "file.%.255s", file->name);
		snprintf(name, sizeof(name), "%.270s.name", whole);
		snprintf(hash, sizeof(hash), "%.270s.hash", whole);
	}
	seq = ink_open(k, INK_SEQ, whole);
	ink_text(k, INK_IA5, name, file->name);
	ink_bits(k, hash, bytes_of(file->hash, 32));
	ink_close(k, seq);
}

void
content_manifest(struct ink *k, const struct content_manifest *m)
{
	struct ink_mark seq = ink_open(k, INK_SEQ, "content"), list;
	struct ink one = { .edits = k->edits };

	ink_uint(k, "number", m->number);
	ink_time(k, INK_TIME, "thisUpdate", m->from);
	ink_time(k, INK_TIME, "nextUpdate", m->until);
	ink_oid(k, "hashAlg", OID_SHA256);
	list = ink_open(k, INK_SEQ, "files");
	for (size_t i = 0; i < m->count; i++) {
		one.len = 0;
		manifest_file(&one, &m->files[i]);
		ink_raw(k, one.at, one.len);
	}
	ink_clear(&one);
	ink_close(k, list);
	ink_close(k, seq);
}
