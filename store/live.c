/* SPDX-License-Identifier: BSD-2-Clause */
/* live - see live.h. */
#include "store/live.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/cursor.h"
#include "store/lastgood.h"
#include "store/mirror.h"
#include "store/objects.h"
#include "store/repository.h"

struct gathering {
	struct live *live;
	struct kv_txn *txn;
	struct arena *arena;
};

static uint64_t
front(const struct hash *hash)
{
	struct cursor c = cursor_open(hash_bytes(hash));

	return cursor_u64(&c);
}

static void
add_object(struct live *live, const struct hash *hash)
{
	live->objects = array_room(live->objects, live->object_count,
	    &live->object_room, sizeof(*live->objects));
	live->objects[live->object_count++] = front(hash);
}

/* Rows come ordered by number, so the last one noted tells. */
static void
add_number(struct live_numbers *numbers, uint32_t number)
{
	if (numbers->count > 0 && numbers->at[numbers->count - 1] == number) {
		return;
	}
	numbers->at = array_room(numbers->at, numbers->count, &numbers->room,
	    sizeof(*numbers->at));
	numbers->at[numbers->count++] = number;
}

static int
add_repository(void *arg, const struct repository *row)
{
	struct gathering *g = arg;

	add_number(&g->live->known, row->number);
	return 0;
}

static bool
is_known(const struct live *live, uint32_t number)
{
	return live->known.count > 0 &&
	       bsearch(&number, live->known.at, live->known.count,
		   sizeof(number), array_by_u32) != NULL;
}

static int
add_mirror(void *arg, struct bytes key, struct bytes value)
{
	struct gathering *g = arg;
	struct live *live = g->live;
	struct mirror_row row;
	bool readable;

	arena_reset(g->arena);
	readable = mirror_read(key, value, &row, g->arena) == 0;
	if (key.len != MIRROR_KEY) {
		return 0;
	}
	if (!is_known(live, row.number)) {
		add_number(&live->orphans, row.number);
		return 0;
	}
	if (!readable || (row.stamp.octets != MIRROR_BARE &&
			     !objects_has(g->txn, &row.hash))) {
		add_number(&live->wanting, row.number);
	}
	if (readable) {
		add_object(live, &row.hash);
	}
	return 0;
}

static int
add_lastgood(void *arg, struct bytes key, struct bytes value)
{
	struct gathering *g = arg;
	struct lastgood row;

	arena_reset(g->arena);
	if (lastgood_read(key, value, &row, g->arena) != 0) {
		return 0;
	}
	add_object(g->live, &row.manifest);
	for (size_t i = 0; i < row.file_count; i++) {
		add_object(g->live, &row.files[i]);
	}
	return 0;
}

int
live_gather(struct live *live, struct kv_txn *txn)
{
	struct gathering g = { live, txn, arena_new() };
	const struct bytes all = bytes_of(NULL, 0);
	int rc = repository_each(txn, add_repository, &g);

	if (live->known.count > 0) {
		qsort(live->known.at, live->known.count,
		    sizeof(*live->known.at), array_by_u32);
	}
	if (rc == 0) {
		rc = kv_each(txn, KV_MIRROR, all, add_mirror, &g);
	}
	if (rc == 0) {
		rc = kv_each(txn, KV_LASTGOOD, all, add_lastgood, &g);
	}
	if (live->object_count > 0) {
		qsort(live->objects, live->object_count, sizeof(*live->objects),
		    array_by_u64);
	}
	arena_free(g.arena);
	return rc;
}

bool
live_has(const struct live *live, const struct hash *hash)
{
	uint64_t wanted = front(hash);

	return live->object_count > 0 &&
	       bsearch(&wanted, live->objects, live->object_count,
		   sizeof(wanted), array_by_u64) != NULL;
}

void
live_clear(struct live *live)
{
	free(live->objects);
	free(live->known.at);
	free(live->orphans.at);
	free(live->wanting.at);
	*live = (struct live){ 0 };
}
