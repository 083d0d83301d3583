/* SPDX-License-Identifier: BSD-2-Clause */
/* catalogue - see catalogue.h. */
#include "validator/catalogue.h"

#include <string.h>

#include "base/text.h"
#include "store/mirror.h"
#include "store/objects.h"

struct search {
	struct kv_txn *txn;
	const char *uri;
	struct hash *hash;
};

static int
look_in(void *arg, const struct repository *row)
{
	struct search *search = arg;

	return mirror_find(search->txn, row->number, search->uri,
		   search->hash) == 0;
}

static bool
find_hash(const struct walk *walk, struct kv_txn *txn, const char *uri,
    struct hash *hash)
{
	struct search search = { txn, uri, hash };

	for (size_t i = 0; walk != NULL && i < walk->repo_count; i++) {
		if (walk->repos[i]->mirror != 0 &&
		    mirror_find(txn, walk->repos[i]->mirror, uri, hash) == 0) {
			return true;
		}
	}
	return repository_each(txn, look_in, &search) == 1;
}

bool
catalogue_find(const struct walk *walk, struct kv_txn *txn, const char *uri,
    struct hash *hash, struct bytes *octets)
{
	*octets = bytes_of(NULL, 0);
	if (!find_hash(walk, txn, uri, hash)) {
		return false;
	}
	if (objects_get(txn, hash, octets) != 0) {
		*octets = bytes_of(NULL, 0);
	}
	return true;
}

struct census {
	struct kv_txn *txn;
	const struct hash *hash;
	const char **uris;
	size_t count;
	struct arena *arena;
};

static bool
counted(const struct census *census, const char *uri)
{
	for (size_t i = 0; i < census->count; i++) {
		if (strcmp(census->uris[i], uri) == 0) {
			return true;
		}
	}
	return false;
}

static int
count_row(void *arg, const char *uri, const struct hash *hash)
{
	struct census *census = arg;

	if (hash_equal(hash, census->hash) && !counted(census, uri)) {
		census->uris[census->count++] =
		    text_copy(census->arena, text_bytes(uri));
	}
	return census->count == CATALOGUE_PLACES;
}

static int
count_in(void *arg, const struct repository *row)
{
	struct census *census = arg;

	return mirror_each(census->txn, row->number, count_row, census);
}

size_t
catalogue_places(struct kv_txn *txn, const struct hash *hash,
    const char *uris[CATALOGUE_PLACES], struct arena *arena)
{
	struct census census = { txn, hash, uris, 0, arena };

	(void)repository_each(txn, count_in, &census);
	return census.count;
}
