/* SPDX-License-Identifier: BSD-2-Clause */
/* press - see press.h. */
#include "tests/forge/press.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "tests/forge/content.h"
#include "tests/forge/mutant.h"
#include "tests/forge/paper.h"
#include "tests/forge/wrap.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

static const struct {
	int64_t before, after; /* of the story's clock */
} lives[ITEM_KINDS] = {
	[ITEM_CRL] = { HOUR, DAY },
	[ITEM_MANIFEST] = { HOUR, DAY },
	[ITEM_CERT] = { DAY, 365 * DAY },
	[ITEM_ROA] = { HOUR, 90 * DAY },
	[ITEM_ASPA] = { HOUR, 90 * DAY },
	[ITEM_ROUTER] = { HOUR, 365 * DAY },
	[ITEM_GBR] = { HOUR, 90 * DAY },
	[ITEM_TAK] = { HOUR, 90 * DAY },
	[ITEM_SPL] = { HOUR, 90 * DAY },
	[ITEM_RSC] = { HOUR, 90 * DAY },
};

static void
store(struct item *item, struct ink *k)
{
	uint8_t *copy = arena_zero(item->ca->arena, k->len + 1, 1);

	if (k->len > 0) {
		memcpy(copy, k->at, k->len);
	}
	item->octets = bytes_of(copy, k->len);
	item->stale = false;
	ink_clear(k);
}

/* What every certificate that the CA issues has in common. */
static struct paper
issued(const struct world *world, const struct item *item)
{
	const struct ca *ca = item->ca;

	return (struct paper){
		.serial = item->serial,
		.issuer = ca->key->name,
		.from = world->clock - lives[item->kind].before,
		.until = world->clock + lives[item->kind].after,
		.signer = item->signer != NULL ? item->signer : ca->key,
		.crl_uri = world_uri(world, ca, ca->arena, ca->items[0]->file),
		.issuer_uri = world_cert_uri(world, ca, ca->arena),
	};
}

static void
press_certificate(const struct world *world, struct item *item)
{
	const struct ca *child = item->child;
	struct arena *arena = item->ca->arena;
	struct ink k = { .edits = item->edits, .mutant = item->mutant };
	struct paper paper = issued(world, item);

	paper.kind = PAPER_CA;
	paper.subject = child->look->name;
	paper.key = child->look;
	paper.resources = &child->resources;
	paper.repo_uri = world_uri(world, child, arena, "");
	paper.manifest_uri =
	    world_uri(world, child, arena, child->items[1]->file);
	if ((child->via & VIA_RRDP) != 0) {
		paper.notify_uri =
		    world_https(world, child->host, arena, "notification.xml");
	}
	if (child->parent == NULL && !item->loop) {
		paper.kind = PAPER_ANCHOR;
		paper.signer = item->signer != NULL ? item->signer : child->key;
		paper.crl_uri = paper.issuer_uri = NULL;
		paper.until = world->clock + 3 * 365 * (int64_t)DAY;
	}
	paper_certificate(&k, &paper);
	mutant_spoil(item->mutant, MUTANT_COVER, &k, 0);
	store(item, &k);
}

static void
press_router(const struct world *world, struct item *item)
{
	struct ink k = { .edits = item->edits, .mutant = item->mutant };
	struct paper paper = issued(world, item);
	struct spans spans = { 0 };
	uint32_t asn;
	char *name;

	content_cover(&spans, item);
	asn = (uint32_t)spans.at[0].lo[0] << 24 | spans.at[0].lo[1] << 16 |
	      spans.at[0].lo[2] << 8 | spans.at[0].lo[3];
	name = arena_printf(item->ca->arena, "ROUTER-%08X", asn);
	paper.kind = PAPER_ROUTER;
	paper.subject = name;
	paper.key = item->key;
	paper.resources = &spans;
	paper_certificate(&k, &paper);
	mutant_spoil(item->mutant, MUTANT_COVER, &k, 0);
	span_clear(&spans);
	store(item, &k);
}

/* Wraps content, which is cleared, in a signed object. */
static void
press_object(const struct world *world, struct item *item, struct ink *content)
{
	struct ink k = { .edits = item->edits, .mutant = item->mutant };
	struct paper ee = issued(world, item);
	struct spans spans = { 0 };
	struct wrap wrap = { .type = content_type(item->kind), .ee = &ee };

	content_cover(&spans, item);
	ee.kind = PAPER_EE;
	ee.key =
	    item->key != NULL
		? item->key
		: world->ee_keys[(item->serial * 7 + item->ca->key->id[0]) %
				 world->ee_count];
	ee.subject = ee.key->name;
	ee.resources = &spans;
	if (item->kind != ITEM_RSC) {
		ee.object_uri =
		    world_uri(world, item->ca, item->ca->arena, item->file);
	}
	mutant_spoil(item->mutant, MUTANT_CONTENT, content, 0);
	wrap.content = ink_bytes(content);
	wrap.signed_at = world->clock - HOUR;
	wrap_object(&k, &wrap);
	mutant_spoil(item->mutant, MUTANT_FRAME, &k, 0);
	ink_clear(content);
	span_clear(&spans);
	store(item, &k);
}

void
press_item(const struct world *world, struct item *item)
{
	struct ink content = { .edits = item->edits };

	item->serial = item->ca->next_serial++;
	if (item->kind == ITEM_CERT) {
		press_certificate(world, item);
	} else if (item->kind == ITEM_ROUTER) {
		press_router(world, item);
	} else if (item->kind != ITEM_FILE) {
		content_write(&content, item);
		press_object(world, item, &content);
	}
	item->stale = false;
	key_sha256(item->hash, item->octets);
}

static void
press_crl(const struct world *world, struct item *item)
{
	struct ca *ca = item->ca;
	struct ink k = { .edits = item->edits, .mutant = item->mutant };
	struct paper_crl crl = {
		.signer = item->signer != NULL ? item->signer : ca->key,
		.number = ca->number,
		.from = world->clock - lives[ITEM_CRL].before,
		.until = world->clock + lives[ITEM_CRL].after,
		.serials = ca->revoked,
		.count = ca->revoked_count,
	};

	paper_crl(&k, &crl);
	mutant_spoil(item->mutant, MUTANT_COVER, &k, 0);
	store(item, &k);
	key_sha256(item->hash, item->octets);
}

static struct content_file *
list(const struct ca *ca, size_t *count)
{
	size_t extra = 0;
	struct content_file *files;

	for (const struct entry *e = ca->entries; e != NULL; e = e->next) {
		extra++;
	}
	files = mem_zero(ca->count + extra, sizeof(*files));
	*count = 0;
	for (size_t i = 0; i < ca->count; i++) {
		const struct item *item = ca->items[i];

		if (item->kind == ITEM_MANIFEST || item->withdrawn ||
		    item->unlisted) {
			continue;
		}
		files[*count].name = item->file;
		memcpy(files[(*count)++].hash, item->hash, 32);
	}
	for (const struct entry *e = ca->entries; e != NULL; e = e->next) {
		files[*count].name = e->name;
		memcpy(files[(*count)++].hash, e->hash, 32);
	}
	return files;
}

static void
press_manifest(const struct world *world, struct item *item)
{
	struct ca *ca = item->ca;
	struct ink content = { .edits = item->edits };
	struct content_manifest m = {
		.number = ca->number,
		.from = world->clock - lives[ITEM_MANIFEST].before,
		.until = world->clock + lives[ITEM_MANIFEST].after,
	};
	struct content_file *files = list(ca, &m.count);

	m.files = files;
	item->serial = ca->next_serial++;
	content_manifest(&content, &m);
	press_object(world, item, &content);
	key_sha256(item->hash, item->octets);
	free(files);
}

static void
press_ca(const struct world *world, struct ca *ca)
{
	ca->number++;
	ca->issued = world->clock;
	if (ca->parent == NULL && ca->cert->stale) {
		press_item(world, ca->cert);
	}
	for (size_t i = 0; i < ca->count; i++) {
		struct item *item = ca->items[i];

		if (item->stale && !item->withdrawn && item->kind != ITEM_CRL &&
		    item->kind != ITEM_MANIFEST) {
			press_item(world, item);
		}
	}
	press_crl(world, ca->items[0]);
	press_manifest(world, ca->items[1]);
	ca->stale = false;
}

static void *
begin(void *arg, unsigned worker)
{
	(void)worker;
	return arg;
}

static void *
work(void *self, void *job)
{
	press_ca(self, job);
	return job;
}

static void
end(void *self)
{
	(void)self;
}

void
press_world(struct world *world)
{
	struct pool_work how = { .name = "press",
		.begin = begin,
		.work = work,
		.end = end,
		.arg = world };
	struct pool *pool = pool_new(&how, world->threads, 0);

	for (size_t i = 0; i < world->ca_count; i++) {
		if (world->cas[i]->stale && !world->cas[i]->frozen) {
			pool_submit(pool, world->cas[i]);
		}
	}
	while (pool_wait(pool) != NULL) {
	}
	pool_free(pool, NULL, NULL);
}
