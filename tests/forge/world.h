/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world - the model: anchors, CAs and what they publish, as the story has it
 * so far. No octets are made here (press.h) and no file is written (shelf.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "tests/forge/ink.h"
#include "tests/forge/key.h"
#include "tests/forge/span.h"

enum item_kind {
	ITEM_CRL,
	ITEM_MANIFEST,
	ITEM_CERT, /* of a CA */
	ITEM_ROA,
	ITEM_ASPA,
	ITEM_ROUTER,
	ITEM_GBR,
	ITEM_TAK,
	ITEM_SPL,
	ITEM_RSC,
	ITEM_FILE, /* any octets */
	ITEM_KINDS
};

struct ca;

/* One file of a publication point. */
struct item {
	enum item_kind kind;
	struct ca *ca;    /* who issues it; a TA certificate: itself */
	struct ca *child; /* ITEM_CERT: whose certificate */
	const char *file; /* "one.roa" */
	char **words;     /* what the story says of it */
	size_t word_count;
	struct edit *edits, *last_edit;
	struct key *key; /* routers and odd keys; NULL: from the ring */
	const struct key *signer; /* NULL: the CA's */
	struct mutant *mutant;    /* NULL: as the story says */
	struct bytes octets;
	uint8_t hash[32]; /* of octets, before any alteration */
	uint64_t serial;
	bool stale;     /* to be signed anew */
	bool withdrawn; /* no longer there at all */
	bool hidden;    /* listed, not published */
	bool unlisted;  /* published, not listed */
	bool altered;   /* published with other octets than listed */
	bool invalid;   /* what the story expects */
	bool loop;      /* the certificate of an ancestor, issued again */
};

enum via { VIA_RSYNC = 1, VIA_RRDP = 2, VIA_BOTH = 3 };

/* A manifest entry that no item makes. */
struct entry {
	const struct entry *next;
	const char *name;
	uint8_t hash[32];
};

/* What a relying party that saw every step keeps of a point. */
struct kept {
	struct item *items; /* copies */
	size_t count;
	int64_t until;
	bool any;
};

struct host;

struct ca {
	const char *path; /* "alpha/beta" */
	const char *name; /* "beta" */
	struct ca *parent;
	struct host *host;
	enum via via;
	struct spans resources;
	struct key *key;
	const struct key *look; /* the key it is known by; loops */
	struct item **items;    /* CRL, manifest, then the rest */
	size_t count, room;
	struct item *cert; /* in the parent's items, or by itself */
	const struct entry *entries;
	uint64_t *revoked;
	size_t revoked_count;
	uint64_t next_serial;
	uint64_t number; /* of manifest and CRL */
	int64_t issued;  /* clock of the last issue */
	bool stale;
	bool frozen; /* never issued again */
	struct kept kept;
	struct arena *arena; /* octets; jobs of two CAs share nothing */
};

struct file {
	const char *uri; /* below the module: "alpha/one.roa" */
	struct bytes octets;
	uint8_t hash[32];
};

struct files {
	struct file *at;
	size_t count, room;
};

struct delta {
	uint64_t serial;
	struct bytes octets;
};

/* How a RRDP file is spoiled when it is written. */
struct spoil {
	const struct spoil *next;
	const char *what; /* notification, snapshot, delta */
	const char *how;
};

struct host {
	const char *name;
	char session[37];
	uint64_t serial;
	uint64_t sessions;
	struct files files; /* as last published over RRDP */
	struct delta *deltas;
	size_t delta_count;
	const struct spoil *spoils;
	bool rsync_gone, rrdp_gone;
};

struct world {
	struct arena *arena;
	struct key_ring *ring;
	struct key **ee_keys; /* used in turn by signed objects */
	size_t ee_count;
	size_t ca_keys;
	struct ca **cas; /* parents before children */
	size_t ca_count, ca_room;
	struct host **hosts;
	size_t host_count;
	int64_t clock;                       /* the story's */
	const char *rsync_base, *https_base; /* with %h for the host's name */
	const char *out;
	unsigned step;
	unsigned threads;
	bool rsync_all; /* RRDP-only points too: for peers without RRDP */
};

void world_init(struct world *world, struct key_ring *ring);
void world_clear(struct world *world);

struct host *world_host(struct world *world, const char *name);
/* parent NULL: a trust anchor. Takes the spans. */
struct ca *world_ca(struct world *world, const char *path, struct ca *parent,
    struct spans *resources);
struct ca *world_find_ca(const struct world *world, const char *path);

/* path is "alpha/beta/one"; the extension comes from the kind. */
struct item *world_item(struct world *world, struct ca *ca, enum item_kind kind,
    const char *name);
/* "alpha/beta/one.roa", "alpha/beta.mft", "alpha/beta.crl", "alpha.cer". */
struct item *world_find_item(const struct world *world, const char *target);

/* The item and its point are to be issued anew. */
void world_touch(struct item *item);
void world_revoke(struct item *item);

const char *world_extension(enum item_kind kind);

/* URIs, in the arena. */
const char *world_rsync(const struct world *world, const struct host *host,
    struct arena *arena, const char *path);
const char *world_https(const struct world *world, const struct host *host,
    struct arena *arena, const char *path);
/* Of a file of the CA's point, and of the CA's own certificate. */
const char *world_uri(const struct world *world, const struct ca *ca,
    struct arena *arena, const char *file);
const char *world_cert_uri(const struct world *world, const struct ca *ca,
    struct arena *arena);
