/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lastgood - the last manifest each CA was believed by (RFC 9286 6.6).
 *
 * Keyed by the CA's key identifier and its manifest URI.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "store/kv.h"

struct lastgood {
	const char *uri;      /* rpkiManifest */
	struct hash manifest; /* of the octets in the object table */
	uint8_t number[20];   /* manifestNumber, right-aligned */
	int64_t this_update, next_update;
};

int lastgood_get(struct kv_txn *txn, const struct keyid *ca, const char *uri,
    struct lastgood *row, struct arena *arena); /* -ENOENT */
int lastgood_put(struct kv_txn *txn, const struct keyid *ca,
    const struct lastgood *row);

/* Any row of this CA key whatever its URI: the newest number (RFC 9981). */
int lastgood_newest(struct kv_txn *txn, const struct keyid *ca,
    struct lastgood *row, struct arena *arena);
