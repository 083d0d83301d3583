/* SPDX-License-Identifier: BSD-2-Clause */
/* world - see world.h. */
#include "tests/forge/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char *const extensions[] = {
	[ITEM_CRL] = "crl",
	[ITEM_MANIFEST] = "mft",
	[ITEM_CERT] = "cer",
	[ITEM_ROA] = "roa",
	[ITEM_ASPA] = "asa",
	[ITEM_ROUTER] = "cer",
	[ITEM_GBR] = "gbr",
	[ITEM_TAK] = "tak",
	[ITEM_SPL] = "spl",
	[ITEM_RSC] = "sig",
	[ITEM_FILE] = NULL, /* part of the name */
};

const char *
world_extension(enum item_kind kind)
{
	return extensions[kind];
}

enum { EE_KEYS = 40 };

void
world_init(struct world *world, struct key_ring *ring)
{
	size_t size = key_ring_size(ring);

	memset(world, 0, sizeof(*world));
	world->arena = arena_new();
	world->ring = ring;
	world->ee_count = EE_KEYS;
	world->ee_keys = mem_zero(EE_KEYS, sizeof(struct key *));
	for (size_t i = 0; i < EE_KEYS; i++) {
		world->ee_keys[i] = key_ring_make(ring, size - 1 - i);
	}
	world->threads = 2;
}

static void
clear_ca(struct ca *ca)
{
	for (size_t i = 0; i < ca->count; i++) {
		key_free(ca->items[i]->key);
	}
	if (ca->parent == NULL) {
		key_free(ca->cert->key);
	}
	span_clear(&ca->resources);
	key_free(ca->key);
	free(ca->items);
	free(ca->revoked);
	free(ca->kept.items);
	arena_free(ca->arena);
}

static void
clear_host(struct host *host)
{
	for (size_t i = 0; i < host->delta_count; i++) {
		free((void *)(uintptr_t)host->deltas[i].octets.at);
	}
	free(host->deltas);
	free(host->files.at);
}

void
world_clear(struct world *world)
{
	for (size_t i = 0; i < world->ca_count; i++) {
		clear_ca(world->cas[i]);
	}
	for (size_t i = 0; i < world->host_count; i++) {
		clear_host(world->hosts[i]);
	}
	for (size_t i = 0; i < world->ee_count; i++) {
		key_free(world->ee_keys[i]);
	}
	free(world->ee_keys);
	free(world->cas);
	free(world->hosts);
	arena_free(world->arena);
}

struct host *
world_host(struct world *world, const char *name)
{
	struct host *host;

	for (size_t i = 0; i < world->host_count; i++) {
		if (strcmp(world->hosts[i]->name, name) == 0) {
			return world->hosts[i];
		}
	}
	host = arena_zero(world->arena, 1, sizeof(*host));
	host->name = arena_text(world->arena, name);
	world->hosts = mem_grow(world->hosts, world->host_count + 1,
	    sizeof(struct host *));
	world->hosts[world->host_count++] = host;
	return host;
}

static struct item *
add(struct world *world, struct ca *ca, enum item_kind kind, const char *file)
{
	struct item *item = arena_zero(world->arena, 1, sizeof(*item));

	item->kind = kind;
	item->ca = ca;
	item->file = file;
	item->stale = true;
	if (ca->count == ca->room) {
		ca->room = ca->room * 2 + 8;
		ca->items =
		    mem_grow(ca->items, ca->room, sizeof(struct item *));
	}
	ca->items[ca->count++] = item;
	ca->stale = true;
	return item;
}

struct item *
world_item(struct world *world, struct ca *ca, enum item_kind kind,
    const char *name)
{
	const char *file =
	    extensions[kind] == NULL
		? arena_text(world->arena, name)
		: arena_printf(world->arena, "%s.%s", name, extensions[kind]);

	return add(world, ca, kind, file);
}

static void
own_certificate(struct world *world, struct ca *ca)
{
	struct item *cert;

	if (ca->parent != NULL) {
		cert = world_item(world, ca->parent, ITEM_CERT, ca->name);
	} else {
		cert = arena_zero(world->arena, 1, sizeof(*cert));
		cert->kind = ITEM_CERT;
		cert->ca = ca;
		cert->stale = true;
		cert->file = arena_printf(world->arena, "%s.cer", ca->name);
	}
	cert->child = ca;
	ca->cert = cert;
}

struct ca *
world_ca(struct world *world, const char *path, struct ca *parent,
    struct spans *resources)
{
	struct ca *ca = arena_zero(world->arena, 1, sizeof(*ca));
	const char *slash;

	ca->path = arena_text(world->arena, path);
	slash = strrchr(ca->path, '/');
	ca->name = slash == NULL ? ca->path : slash + 1;
	ca->parent = parent;
	ca->host = parent == NULL ? world_host(world, "repo") : parent->host;
	ca->via = parent == NULL ? VIA_BOTH : parent->via;
	ca->resources = *resources;
	ca->key = key_ring_make(world->ring, world->ca_keys++);
	ca->look = ca->key;
	ca->next_serial = 1;
	ca->arena = arena_new();
	ca->stale = true;
	world_item(world, ca, ITEM_CRL, ca->name);
	world_item(world, ca, ITEM_MANIFEST, ca->name);
	own_certificate(world, ca);
	if (world->ca_count == world->ca_room) {
		world->ca_room = world->ca_room * 2 + 16;
		world->cas =
		    mem_grow(world->cas, world->ca_room, sizeof(struct ca *));
	}
	world->cas[world->ca_count++] = ca;
	return ca;
}

static struct ca *
find_ca(const struct world *world, const char *path, size_t len)
{
	for (size_t i = 0; i < world->ca_count; i++) {
		if (strlen(world->cas[i]->path) == len &&
		    memcmp(world->cas[i]->path, path, len) == 0) {
			return world->cas[i];
		}
	}
	return NULL;
}

struct ca *
world_find_ca(const struct world *world, const char *path)
{
	return find_ca(world, path, strlen(path));
}

static struct item *
find_in(const struct ca *ca, const char *file)
{
	for (size_t i = ca->count; i-- > 0;) {
		if (strcmp(ca->items[i]->file, file) == 0 &&
		    !ca->items[i]->withdrawn) {
			return ca->items[i];
		}
	}
	return NULL;
}

struct item *
world_find_item(const struct world *world, const char *target)
{
	const char *slash = strrchr(target, '/');
	const char *dot = strrchr(target, '.');
	struct item *item = NULL;
	struct ca *ca;

	if (slash != NULL) {
		ca = find_ca(world, target, (size_t)(slash - target));
		item = ca == NULL ? NULL : find_in(ca, slash + 1);
	}
	if (item != NULL || dot == NULL) {
		return item;
	}
	ca = find_ca(world, target, (size_t)(dot - target));
	if (ca == NULL) {
		return NULL;
	}
	if (strcmp(dot, ".crl") == 0) {
		return ca->items[0];
	}
	if (strcmp(dot, ".mft") == 0) {
		return ca->items[1];
	}
	return strcmp(dot, ".cer") == 0 ? ca->cert : NULL;
}

void
world_touch(struct item *item)
{
	item->stale = true;
	item->ca->stale = true;
}

void
world_revoke(struct item *item)
{
	struct ca *ca = item->ca;

	ca->revoked =
	    mem_grow(ca->revoked, ca->revoked_count + 1, sizeof(*ca->revoked));
	ca->revoked[ca->revoked_count++] = item->serial;
	ca->stale = true;
}

static const char *
expand(const char *base, const struct host *host, struct arena *arena,
    const char *path)
{
	const char *at = strstr(base, "%h");

	if (at == NULL) {
		return arena_printf(arena, "%s/%s", base, path);
	}
	return arena_printf(arena, "%.*s%s%s/%s", (int)(at - base), base,
	    host->name, at + 2, path);
}

const char *
world_rsync(const struct world *world, const struct host *host,
    struct arena *arena, const char *path)
{
	return expand(world->rsync_base, host, arena, path);
}

const char *
world_https(const struct world *world, const struct host *host,
    struct arena *arena, const char *path)
{
	return expand(world->https_base, host, arena, path);
}

const char *
world_uri(const struct world *world, const struct ca *ca, struct arena *arena,
    const char *file)
{
	return world_rsync(world, ca->host, arena,
	    arena_printf(arena, "%s/%s", ca->path, file));
}

const char *
world_cert_uri(const struct world *world, const struct ca *ca,
    struct arena *arena)
{
	if (ca->parent == NULL) {
		return world_rsync(world, ca->host, arena, ca->cert->file);
	}
	return world_uri(world, ca->parent, arena, ca->cert->file);
}
