/* SPDX-License-Identifier: BSD-2-Clause */
/* roster - see roster.h. */
#include "validator/roster.h"

#include <string.h>

#include "base/text.h"
#include "base/uri.h"
#include "store/mirror.h"
#include "store/objects.h"

static void
open_crl(struct roster *r, struct kv_txn *txn, struct arena *arena)
{
	const struct manifest *m = &r->content.manifest;
	const struct manifest_entry *entry = &m->entries[m->crl];
	struct bytes octets;

	r->crl_hash = entry->hash;
	r->crl_uri =
	    uri_join(r->spot->ca->own.repository_uri, entry->name, arena);
	r->crl_open = objects_get(txn, &entry->hash, &octets) == 0 &&
		      crl_decode(&r->crl, octets, arena) == FAULT_NONE;
}

static bool
find_hash(struct roster *r, struct kv_txn *txn, enum roster_which which)
{
	const struct point_result *result = r->spot->result;

	if (result == NULL) {
		return false;
	}
	if (which == ROSTER_USED) {
		r->hash = result->head.manifest;
		return result->head.state != ANSWER_REJECTED;
	}
	return result->job.mirror != 0 &&
	       mirror_find(txn, result->job.mirror,
		   r->spot->ca->own.manifest_uri, &r->hash) == 0;
}

bool
roster_find(struct roster *r, struct kv_txn *txn, const struct spot *spot,
    enum roster_which which, struct arena *arena)
{
	struct signed_object object = { .kind = KIND_MANIFEST };

	*r = (struct roster){ .spot = spot };
	if (!find_hash(r, txn, which)) {
		return false;
	}
	object.hash = r->hash;
	if (objects_get(txn, &r->hash, &object.octets) == 0) {
		(void)signed_decode(&r->content, &object, arena);
		r->open = r->content.opened;
	}
	if (r->open) {
		open_crl(r, txn, arena);
	}
	return true;
}

const char *
roster_lists(const struct roster *r, const struct hash *hash, const char *uri,
    struct arena *arena)
{
	const struct manifest *m = &r->content.manifest;
	const char *base = r->spot->ca->own.repository_uri;

	for (size_t i = 0; r->open && i < m->count; i++) {
		const char *here;

		if (!hash_equal(&m->entries[i].hash, hash)) {
			continue;
		}
		here = uri_join(base, m->entries[i].name, arena);
		if (uri == NULL || strcmp(here, uri) == 0) {
			return here;
		}
	}
	return NULL;
}

bool
roster_hash(const struct roster *r, const char *uri, struct hash *hash)
{
	const struct manifest *m = &r->content.manifest;

	if (!uri_inside(r->spot->ca->own.repository_uri, uri)) {
		return false;
	}
	for (size_t i = 0; r->open && i < m->count; i++) {
		if (text_same(m->entries[i].name, uri_name(uri))) {
			*hash = m->entries[i].hash;
			return true;
		}
	}
	return false;
}
