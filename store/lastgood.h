/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lastgood - the last manifest each CA was believed by (RFC 9286 6.6).
 *
 * Keyed by the CA's key identifier and its manifest URI. A row that cannot be
 * read is -EBADMSG: the caller goes on as if it were gone and says so in the
 * log, since until the next put nothing but signatures and dates keeps an older
 * manifest from being believed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "store/kv.h"

struct lastgood {
	const char *uri;      /* rpkiManifest */
	struct hash manifest; /* of the octets in the object table */
	uint8_t number[20];   /* manifestNumber, right-aligned */
	int64_t this_update, next_update;
	/* Another point of the same key, with a manifest of its own, was
	 * believed in the same run, and both have been met since: neither says
	 * anything about the other. */
	bool beside;
	/* What it lists, the CRL included: kept from sweep by this row. */
	const struct hash *files;
	size_t file_count;
};

/* A row's key, which begins with the CA's. */
enum { LASTGOOD_KEY = KEYID_SIZE + HASH_SIZE };

struct lastgood_key {
	uint8_t at[LASTGOOD_KEY];
};

struct bytes lastgood_key(struct lastgood_key *key, const struct keyid *ca,
    const char *uri);

int lastgood_get(struct kv_txn *txn, const struct keyid *ca, const char *uri,
    struct lastgood *row, struct arena *arena); /* -ENOENT */
int lastgood_put(struct kv_txn *txn, const struct keyid *ca,
    const struct lastgood *row);
int lastgood_remove(struct kv_txn *txn, const struct keyid *ca,
    const char *uri);

/* Was a issued after b? */
bool lastgood_later(const struct lastgood *a, const struct lastgood *b);
/* Of all rows of this CA key, by looking at all of them, the one that was
 * issued last, without its files. Rows that cannot be read are passed over.
 * -ENOENT. */
int lastgood_newest(struct kv_txn *txn, const struct keyid *ca,
    struct lastgood *row, struct arena *arena);

/*
 * Is this row still asked for? As with results: touch, in one batch, those for
 * which lastgood_due() says so; a put counts as asking. Sweep lets go of rows
 * that nobody asked for in three months, and so of what CAs that are gone once
 * published; of the files of a row a month after its nextUpdate.
 */
bool lastgood_due(struct kv_txn *txn, const struct keyid *ca, const char *uri,
    int64_t now);
int lastgood_touch(struct kv_txn *txn, const struct keyid *ca, const char *uri,
    int64_t now);

/* A row as it stands in the table. For sweep. */
int lastgood_read(struct bytes key, struct bytes value, struct lastgood *row,
    struct arena *arena);
