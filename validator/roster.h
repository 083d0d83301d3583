/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * roster - the manifest of a point that was judged, opened once more to see
 * what it lists, and the CRL beside it.
 *
 * Nothing is judged here: what the walk said of the point stands.
 */
#pragma once

#include "validator/signed.h"
#include "validator/walk.h"

enum roster_which {
	ROSTER_USED,  /* the one that was believed: published now, or kept */
	ROSTER_SHOWN, /* the one that the repository shows now */
};

struct roster {
	const struct spot *spot;
	struct hash hash; /* of the manifest */
	bool open;        /* it is a manifest: what follows counts */
	struct signed_content content;
	struct hash crl_hash;
	const char *crl_uri;
	bool crl_open;
	struct crl crl;
};

/* False when the point has no such manifest; an unreadable one is not open.
 * All is lent by the transaction and the arena. */
bool roster_find(struct roster *roster, struct kv_txn *txn,
    const struct spot *spot, enum roster_which which, struct arena *arena);

/* The URI under which it lists this hash, or names this URI with it; NULL when
 * it does not. `uri` NULL: under any. */
const char *roster_lists(const struct roster *roster, const struct hash *hash,
    const char *uri, struct arena *arena);

/* The hash under which it lists this URI; false when it does not. */
bool roster_hash(const struct roster *roster, const char *uri,
    struct hash *hash);
