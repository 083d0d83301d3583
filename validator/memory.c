/* SPDX-License-Identifier: BSD-2-Clause */
/* memory - see memory.h. */
#include "validator/memory.h"

#include <errno.h>
#include <string.h>

#include "base/map.h"
#include "store/bars.h"
#include "store/meta.h"
#include "store/objects.h"
#include "store/repository.h"
#include "store/results.h"

/* Let go of octets that went bad, and have the repository bring them again. */
static int
mend(struct kv_txn *txn, const struct spot *spot)
{
	int rc = objects_remove(txn, &spot->result->spoilt);

	if ((rc == 0 || rc == -ENOENT) && spot->repo != NULL) {
		rc = repository_refetch(txn, spot->repo->report.uri);
	}
	return rc == -ENOENT ? 0 : rc;
}

/* The manifest that bars older ones; it may lie where the CA was before. */
static int
touch_last(struct kv_txn *txn, struct bars *bars, const struct ca_seed *own,
    int64_t now)
{
	struct arena *arena = arena_new();
	struct lastgood last;
	int rc =
	    bars_find(bars, txn, &own->ski, own->manifest_uri, &last, arena);

	if (rc == 0 && lastgood_due(txn, &own->ski, last.uri, now)) {
		rc = lastgood_touch(txn, &own->ski, last.uri, now);
	}
	arena_free(arena);
	return rc;
}

/* What was used stays: marked at most once a day. */
static int
touch(struct kv_txn *txn, struct bars *bars, const struct spot *spot,
    int64_t now)
{
	const struct ca_seed *own = &spot->ca->own;
	const struct point_result *r = spot->result;
	int rc = 0;

	if (r->remembered && results_due(txn, &r->key, now)) {
		rc = results_touch(txn, &r->key, now);
	}
	if (rc == 0 && r->head.state != ANSWER_VALID) {
		rc = touch_last(txn, bars, own, now);
	} else if (rc == 0 &&
		   lastgood_due(txn, &own->ski, own->manifest_uri, now)) {
		rc = lastgood_touch(txn, &own->ski, own->manifest_uri, now);
	}
	return rc == -ENOENT ? 0 : rc;
}

/*
 * Of two points of one key, one that says what it said, or that is not the one
 * that spoke last, is held to its own words, whatever became of the other:
 * judged again it must not be barred by what it was believed beside.
 */
static bool
stays_beside(struct kv_txn *txn, struct bars *bars, const struct keyid *ca,
    const struct lastgood *kept, const struct lastgood *row,
    struct arena *arena)
{
	struct lastgood newest;

	return kept->beside &&
	       (hash_equal(&kept->manifest, &row->manifest) ||
		   (bars_newest(bars, txn, ca, &newest, arena) == 0 &&
		       newest.this_update > row->this_update));
}

/* Two paths to one CA may show manifests of different age: the newer stays. */
static int
believe(struct kv_txn *txn, struct bars *bars, const struct keyid *ca,
    struct lastgood *row)
{
	struct arena *arena = arena_new();
	struct lastgood kept;
	int rc = lastgood_get(txn, ca, row->uri, &kept, arena);
	bool older = rc == 0 && kept.this_update > row->this_update;

	row->beside = rc == 0 && stays_beside(txn, bars, ca, &kept, row, arena);
	arena_free(arena);
	return older ? 0 : bars_put(bars, txn, ca, row);
}

static int
keep_spot(struct kv_txn *txn, struct bars *bars, const struct spot *spot,
    int64_t now)
{
	const struct point_result *r = spot->result;
	int rc = 0;

	if (r == NULL || r->machine != 0) {
		return 0;
	}
	if (r->damaged) {
		return mend(txn, spot);
	}
	if (r->remembered || r->head.state != ANSWER_VALID) {
		rc = touch(txn, bars, spot, now);
	} else {
		struct lastgood row = {
			.uri = spot->ca->own.manifest_uri,
			.manifest = r->head.manifest,
			.this_update = r->head.this_update,
			.next_update = r->head.next_update,
			.files = r->files,
			.file_count = r->file_count,
		};

		memcpy(row.number, r->head.number, sizeof(row.number));
		rc = believe(txn, bars, &spot->ca->own.ski, &row);
	}
	return rc;
}

static int
set_beside(struct kv_txn *txn, struct bars *bars, const struct ca_seed *own)
{
	struct arena *arena = arena_new();
	struct lastgood row;
	int rc = lastgood_get(txn, &own->ski, own->manifest_uri, &row, arena);

	if (rc == 0 && !row.beside) {
		row.beside = true;
		rc = bars_put(bars, txn, &own->ski, &row);
	}
	arena_free(arena);
	return rc == -ENOENT || rc == -EBADMSG ? 0 : rc;
}

static bool
believed(const struct spot *spot)
{
	const struct point_result *r = spot->result;

	return r != NULL && r->machine == 0 && !r->damaged &&
	       r->head.state == ANSWER_VALID;
}

/* 1, 0, -errno. Who is not believed for once has not moved away. */
static int
is_beside(struct kv_txn *txn, const struct spot *spot)
{
	const struct ca_seed *own = &spot->ca->own;
	struct arena *arena = arena_new();
	struct lastgood row;
	int rc = lastgood_get(txn, &own->ski, own->manifest_uri, &row, arena);

	arena_free(arena);
	if (rc == -ENOENT || rc == -EBADMSG) {
		return 0;
	}
	return rc == 0 ? row.beside : rc;
}

/* A key that is certified twice may have two points at the same time. */
static int
keep_beside(struct kv_txn *txn, const struct walk *walk)
{
	struct map *first = map_new(); /* of each key */
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < walk->spot_count; i++) {
		struct spot *spot = walk->spots[i];
		const struct ca_seed *own = &spot->ca->own;
		struct bytes key = bytes_of(own->ski.at, KEYID_SIZE);
		const struct spot *other = map_get(first, key);

		rc = believed(spot) ? 1 : is_beside(txn, spot);
		if (rc == 1 && other == NULL) {
			(void)map_set(first, key, spot);
		} else if (rc == 1 && strcmp(other->ca->own.manifest_uri,
					  own->manifest_uri) != 0) {
			rc = set_beside(txn, walk->bars, own);
			rc = rc == 0
				 ? set_beside(txn, walk->bars, &other->ca->own)
				 : rc;
		}
	}
	map_free(first);
	return rc < 0 ? rc : 0;
}

/* It came from there, and nothing about it has changed: large folders are
 * looked at by judges, who give what is remembered back each time. */
static bool
stands(struct kv_txn *txn, const struct point_result *r, int64_t now)
{
	struct result kept;

	return r->remembered && results_get(txn, &r->key, now, &kept) == 0 &&
	       kept.most == r->folder_most &&
	       hash_equal(&kept.folder, &r->folder);
}

static int
keep_answer(struct kv_txn *txn, const struct spot *spot, int64_t now)
{
	const struct point_result *r = spot->result;

	if (r == NULL || r->machine != 0 || r->damaged || !r->remember ||
	    stands(txn, r, now)) {
		return 0;
	}
	return results_put(txn, &r->key,
	    &(struct result){ .from = r->head.from,
		.until = r->head.until,
		.manifest = r->fresh,
		.most = r->folder_most,
		.folder = r->folder,
		.octets = octets_bytes(&r->answer) });
}

/* Does what came by rsync fit its manifests? */
static void
look_for_doubt(const struct walk *walk)
{
	for (size_t i = 0; i < walk->repo_count; i++) {
		walk->repos[i]->differs = false;
	}
	for (size_t i = 0; i < walk->spot_count; i++) {
		const struct spot *spot = walk->spots[i];

		if (spot->repo != NULL && spot->result != NULL &&
		    spot->result->differs) {
			spot->repo->differs = true;
		}
	}
}

/* In this run, and all of it but what rsync told of. */
static bool
came_by_rsync(const struct repo *repo)
{
	return repo->report.kind == REPOSITORY_RSYNC &&
	       repo->report.state == REPO_READY && repo->report.status >= 0;
}

/* The next fetch wants to know, and people when it came last. */
static int
keep_books(struct kv_txn *txn, const struct repo *repo, int64_t now)
{
	uint32_t back = repo->differs ? repo->back + 1 : 0;
	bool doubt = came_by_rsync(repo) && repo->back != back;
	struct arena *arena;
	struct repository row;
	int rc;

	if (!doubt && !repo->later) {
		return 0;
	}
	arena = arena_new();
	rc = repository_get(txn, repo->report.uri, &row, arena);
	if (rc == 0) {
		row.back = doubt ? back : row.back;
		if (repo->later) {
			row.last_attempt = row.last_success = now;
		}
		rc = repository_put(txn, &row);
	}
	arena_free(arena);
	return rc == -ENOENT || rc == -EBADMSG ? 0 : rc;
}

static int
settle(struct kv_txn *txn, const struct walk *walk)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < walk->anchor_count; i++) {
		const struct walk_anchor *anchor = &walk->anchors[i];

		if (anchor->root != NULL) {
			rc = meta_ta_settle(txn, &anchor->spki, walk->now);
		}
	}
	return rc;
}

static int
keep_manifests(const struct walk *walk, bool all)
{
	struct kv_txn *txn = NULL;
	int rc = kv_write(store_kv(walk->store), &txn);

	for (size_t i = 0; rc == 0 && i < walk->spot_count; i++) {
		rc = keep_spot(txn, walk->bars, walk->spots[i], walk->now);
	}
	rc = rc == 0 ? keep_beside(txn, walk) : rc;
	look_for_doubt(walk);
	for (size_t i = 0; rc == 0 && i < walk->repo_count; i++) {
		rc = keep_books(txn, walk->repos[i], walk->now);
	}
	rc = rc == 0 && all ? settle(txn, walk) : rc;
	return kv_end(txn, rc);
}

static int
keep_answers(const struct walk *walk)
{
	struct kv_txn *txn = NULL;
	int rc = kv_write(store_kv(walk->store), &txn);

	for (size_t i = 0; rc == 0 && i < walk->spot_count; i++) {
		rc = keep_answer(txn, walk->spots[i], walk->now);
	}
	return kv_end(txn, rc);
}

/* Where there is no room for answers, which only save work, manifests have been
 * kept: they are what a CA stands with and is held to. */
int
memory_keep(const struct walk *walk, bool all)
{
	int rc = keep_manifests(walk, all);

	return rc == 0 ? keep_answers(walk) : rc;
}
