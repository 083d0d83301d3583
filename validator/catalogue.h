/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalogue - where in the cache an object is: by URI and by hash, in all
 * repositories, those that the walk did not come by included.
 */
#pragma once

#include "store/repository.h"
#include "validator/walk.h"

/*
 * What is published under this URI, first by the repositories of this walk;
 * `walk` may be NULL. False when nobody does. The octets are the
 * transaction's; NULL when they are damaged or gone.
 */
bool catalogue_find(const struct walk *walk, struct kv_txn *txn,
    const char *uri, struct hash *hash, struct bytes *octets);

/* The URIs under which these octets are published, in the arena; how many
 * were put into `uris`. Looks at every row of every mirror. */
enum { CATALOGUE_PLACES = 16 };
size_t catalogue_places(struct kv_txn *txn, const struct hash *hash,
    const char *uris[CATALOGUE_PLACES], struct arena *arena);
