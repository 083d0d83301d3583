/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * map - see map.h. Open addressing with linear probing, SipHash-1-3, and
 * removal that moves followers back, so that there are no tombstones.
 */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/sip.h"

enum { ROOM_FIRST = 16 };

struct slot {
	uint64_t hash;
	struct bytes key; /* owned */
	void *value;      /* NULL: the slot is free */
};

struct map {
	struct slot *slots;
	size_t room; /* a power of two, or 0 */
	size_t count;
	uint64_t seed[2];
};

static uint64_t
hash_key(const struct map *map, struct bytes key)
{
	uint64_t v[4];
	size_t at = 0;

	sip_begin(v, map->seed);
	for (; key.len - at >= 8; at += 8) {
		sip_word(v, sip_load(key.at + at));
	}
	sip_word(v,
	    (uint64_t)key.len << 56 | sip_read(key.at + at, key.len - at));
	return sip_end(v);
}

struct map *
map_new(void)
{
	struct map *map = mem_zero(1, sizeof(*map));

	clock_random(map->seed, sizeof(map->seed));
	return map;
}

static void
free_key(struct slot *slot)
{
	free((void *)(uintptr_t)slot->key.at);
}

void
map_free(struct map *map)
{
	if (map == NULL) {
		return;
	}
	for (size_t i = 0; i < map->room; i++) {
		free_key(&map->slots[i]);
	}
	free(map->slots);
	free(map);
}

/* Where the key is, or the free slot where it would go. Needs a free slot. */
static size_t
find_slot(const struct map *map, struct bytes key, uint64_t hash)
{
	size_t at = hash & (map->room - 1);

	while (map->slots[at].value != NULL &&
	       (map->slots[at].hash != hash ||
		   !bytes_equal(map->slots[at].key, key))) {
		at = (at + 1) & (map->room - 1);
	}
	return at;
}

void *
map_get(const struct map *map, struct bytes key)
{
	if (map->count == 0) {
		return NULL;
	}
	return map->slots[find_slot(map, key, hash_key(map, key))].value;
}

static void
grow(struct map *map)
{
	struct slot *old = map->slots;
	size_t room = map->room;

	map->room = room == 0 ? ROOM_FIRST : room * 2;
	map->slots = mem_zero(map->room, sizeof(*map->slots));
	for (size_t i = 0; i < room; i++) {
		if (old[i].value != NULL) {
			size_t at = find_slot(map, old[i].key, old[i].hash);

			map->slots[at] = old[i];
		}
	}
	free(old);
}

void *
map_set(struct map *map, struct bytes key, void *value)
{
	uint64_t hash = hash_key(map, key);
	struct slot *slot;
	void *before;

	assert(value != NULL);
	if (map->count >= map->room / 4 * 3) {
		grow(map);
	}
	slot = &map->slots[find_slot(map, key, hash)];
	before = slot->value;
	if (before == NULL) {
		slot->hash = hash;
		slot->key = bytes_of(mem_copy(key.at, key.len), key.len);
		map->count++;
	}
	slot->value = value;
	return before;
}

/* Does probing from `home` to `at` pass `hole`? */
static bool
passes(const struct map *map, size_t home, size_t at, size_t hole)
{
	size_t mask = map->room - 1;

	return ((at - home) & mask) >= ((at - hole) & mask);
}

void *
map_remove(struct map *map, struct bytes key)
{
	size_t hole, at;
	void *before;

	if (map->count == 0) {
		return NULL;
	}
	hole = find_slot(map, key, hash_key(map, key));
	before = map->slots[hole].value;
	if (before == NULL) {
		return NULL;
	}
	free_key(&map->slots[hole]);
	for (at = (hole + 1) & (map->room - 1); map->slots[at].value != NULL;
	     at = (at + 1) & (map->room - 1)) {
		size_t home = map->slots[at].hash & (map->room - 1);

		if (passes(map, home, at, hole)) {
			map->slots[hole] = map->slots[at];
			hole = at;
		}
	}
	map->slots[hole] = (struct slot){ 0 };
	map->count--;
	return before;
}

size_t
map_count(const struct map *map)
{
	return map->count;
}

bool
map_next(const struct map *map, size_t *at, struct bytes *key, void **value)
{
	while (*at < map->room) {
		const struct slot *slot = &map->slots[(*at)++];

		if (slot->value != NULL) {
			*key = slot->key;
			*value = slot->value;
			return true;
		}
	}
	return false;
}
