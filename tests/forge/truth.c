/* SPDX-License-Identifier: BSD-2-Clause */
/* truth - see truth.h. */
#include "tests/forge/truth.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/octets.h"
#include "base/text.h"
#include "tests/forge/content.h"
#include "tests/forge/shelf.h"

enum { MANIFEST_LIFE = 86400 };

enum memory { COLD, WARM };

struct lines {
	char **at;
	size_t count, room;
};

struct tally {
	struct world *world;
	enum memory memory;
	const char *anchor;
	struct arena *arena;
	struct lines vrps, aspas, keys;
};

static void
add(struct lines *lines, char *line)
{
	if (lines->count == lines->room) {
		lines->room = lines->room * 2 + 64;
		lines->at = mem_grow(lines->at, lines->room, sizeof(char *));
	}
	lines->at[lines->count++] = line;
}

static unsigned long
asn(const char *word)
{
	return strtoul(strncmp(word, "AS", 2) == 0 ? word + 2 : word, NULL, 10);
}

static void
add_roa(struct tally *tally, const struct item *item)
{
	char text[64], address[INET6_ADDRSTRLEN];
	struct span span;
	unsigned bits, maxlen;

	for (size_t i = 1; i < item->word_count; i++) {
		maxlen = content_maxlen(item->words[i], text);
		if (!span_prefix(&span, &bits, text)) {
			continue;
		}
		inet_ntop(span.kind == SPAN_V4 ? AF_INET : AF_INET6, span.lo,
		    address, sizeof(address));
		add(&tally->vrps, arena_printf(tally->arena,
				      "AS%lu,%s/%u,%u,%s", asn(item->words[0]),
				      address, bits, maxlen, tally->anchor));
	}
}

static int
compare_numbers(const void *a, const void *b)
{
	const unsigned long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
add_aspa(struct tally *tally, const struct item *item)
{
	size_t count = item->word_count - 1;
	unsigned long *providers = mem_zero(count + 1, sizeof(*providers));
	struct octets line = { 0 };

	for (size_t i = 0; i < count; i++) {
		providers[i] = asn(item->words[i + 1]);
	}
	qsort(providers, count, sizeof(*providers), compare_numbers);
	octets_printf(&line, "AS%lu,", asn(item->words[0]));
	for (size_t i = 0; i < count; i++) {
		octets_printf(&line, "%sAS%lu", i > 0 ? " " : "", providers[i]);
	}
	add(&tally->aspas, arena_printf(tally->arena, "%.*s,%s", (int)line.len,
			       (const char *)line.at, tally->anchor));
	octets_clear(&line);
	free(providers);
}

static void
add_router(struct tally *tally, const struct item *item)
{
	struct octets spki = { 0 };

	text_base64(&spki, item->key->spki, TEXT_BASE64);
	add(&tally->keys,
	    arena_printf(tally->arena, "AS%lu,%s,%.*s,%s", asn(item->words[0]),
		item->key->name, (int)spki.len, (const char *)spki.at,
		tally->anchor));
	octets_clear(&spki);
}

/* Can what the host publishes now be had by this point's ways? */
static bool
reachable(const struct ca *ca, enum memory memory)
{
	const struct host *host = ca->host;
	bool rrdp = !host->rrdp_gone;

	for (const struct spoil *s = host->spoils; s != NULL; s = s->next) {
		bool mild = strcmp(s->how, "gap") == 0 ||
			    strcmp(s->how, "no-deltas") == 0;

		if (strcmp(s->what, "delta") == 0 || mild ||
		    (strcmp(s->what, "notification") == 0 &&
			strcmp(s->how, "altered") == 0)) {
			continue;
		}
		if (strcmp(s->what, "snapshot") == 0 && memory == WARM &&
		    host->delta_count > 0) {
			continue; /* the deltas do */
		}
		rrdp = false;
	}
	return ((ca->via & VIA_RSYNC) != 0 && !host->rsync_gone) ||
	       ((ca->via & VIA_RRDP) != 0 && rrdp);
}

/* Is the point as published now complete and right? */
static bool
good(const struct ca *ca, const struct tally *tally)
{
	if (!reachable(ca, tally->memory) || ca->items[0]->invalid ||
	    ca->items[1]->invalid ||
	    ca->issued + MANIFEST_LIFE < tally->world->clock) {
		return false;
	}
	for (const struct entry *e = ca->entries; e != NULL; e = e->next) {
		if (world_find_item(tally->world,
			arena_printf(tally->arena, "%s/%s", ca->path,
			    e->name)) == NULL) {
			return false; /* listed, and nowhere */
		}
	}
	for (size_t i = 0; i < ca->count; i++) {
		const struct item *item = ca->items[i];

		if (!item->withdrawn &&
		    ((item->hidden && !item->unlisted) ||
			(item->altered && !item->unlisted))) {
			return false;
		}
	}
	return true;
}

static void
keep(struct ca *ca)
{
	struct kept *kept = &ca->kept;

	kept->items = mem_grow(kept->items, ca->count, sizeof(struct item));
	for (size_t i = 0; i < ca->count; i++) {
		kept->items[i] = *ca->items[i];
	}
	kept->count = ca->count;
	kept->until = ca->issued + MANIFEST_LIFE;
	kept->any = true;
}

static void visit(struct tally *tally, struct ca *ca);

static void
take(struct tally *tally, const struct item *item)
{
	if (item->invalid || item->withdrawn || item->unlisted) {
		return;
	}
	if (item->kind == ITEM_ROA) {
		add_roa(tally, item);
	} else if (item->kind == ITEM_ASPA) {
		add_aspa(tally, item);
	} else if (item->kind == ITEM_ROUTER) {
		add_router(tally, item);
	} else if (item->kind == ITEM_CERT && !item->loop) {
		visit(tally, item->child);
	}
}

static void
visit(struct tally *tally, struct ca *ca)
{
	struct kept *kept = &ca->kept;

	if (good(ca, tally)) {
		if (tally->memory == WARM) {
			keep(ca);
		}
		for (size_t i = 0; i < ca->count; i++) {
			take(tally, ca->items[i]);
		}
	} else if (tally->memory == WARM && kept->any &&
		   kept->until >= tally->world->clock) {
		for (size_t i = 0; i < kept->count; i++) {
			take(tally, &kept->items[i]);
		}
	}
}

static int
compare_lines(const void *a, const void *b)
{
	char *const *x = a;
	char *const *y = b;

	return strcmp(*x, *y);
}

static int
write_lines(const struct tally *tally, struct lines *lines, const char *name,
    const char *header)
{
	struct octets text = { 0 };
	int rc;

	if (lines->count > 0) {
		qsort(lines->at, lines->count, sizeof(char *), compare_lines);
	}
	octets_printf(&text, "%s\n", header);
	for (size_t i = 0; i < lines->count; i++) {
		if (i == 0 || strcmp(lines->at[i], lines->at[i - 1]) != 0) {
			octets_printf(&text, "%s\n", lines->at[i]);
		}
	}
	rc = shelf_write(arena_printf(tally->arena, "%s/step-%u/%s%s.csv",
			     tally->world->out, tally->world->step, name,
			     tally->memory == COLD ? "-cold" : ""),
	    octets_bytes(&text));
	octets_clear(&text);
	free(lines->at);
	return rc;
}

static int
write_memory(struct world *world, enum memory memory)
{
	struct tally tally = { .world = world,
		.memory = memory,
		.arena = arena_new() };
	int rc, more, last;

	for (size_t i = 0; i < world->ca_count; i++) {
		struct ca *ca = world->cas[i];

		if (ca->parent == NULL && !ca->cert->invalid) {
			tally.anchor = ca->path;
			visit(&tally, ca);
		}
	}
	rc = write_lines(&tally, &tally.vrps, "truth",
	    "ASN,IP Prefix,Max Length,Trust Anchor");
	more = write_lines(&tally, &tally.aspas, "truth-aspas",
	    "Customer,Providers,Trust Anchor");
	last = write_lines(&tally, &tally.keys, "truth-routerkeys",
	    "ASN,SKI,SPKI,Trust Anchor");
	arena_free(tally.arena);
	return rc != 0 ? rc : more != 0 ? more : last;
}

int
truth_write(struct world *world)
{
	int rc = write_memory(world, WARM);

	return rc != 0 ? rc : write_memory(world, COLD);
}
