/* SPDX-License-Identifier: BSD-2-Clause */
/* met - see met.h. */
#include "store/met.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "store/lastgood.h"

/* Of five kinds, which differ in length. */
struct met {
	struct map *keys;
};

struct met *
met_new(void)
{
	struct met *met = mem_zero(1, sizeof(*met));

	met->keys = map_new();
	return met;
}

void
met_free(struct met *met)
{
	if (met != NULL) {
		map_free(met->keys);
		free(met);
	}
}

static void
note(struct met *met, struct bytes key)
{
	(void)map_set(met->keys, key, met);
}

static bool
has(const struct met *met, struct bytes key)
{
	return map_get(met->keys, key) != NULL;
}

/* By one octet, from an answer's. */
struct anchor_key {
	uint8_t at[1 + HASH_SIZE];
};

static struct bytes
anchor_key(struct anchor_key *key, const struct hash *spki)
{
	key->at[0] = 0;
	memcpy(key->at + 1, spki->at, HASH_SIZE);
	return bytes_of(key->at, sizeof(key->at));
}

void
met_note_anchor(struct met *met, const struct hash *spki)
{
	struct anchor_key key;

	note(met, anchor_key(&key, spki));
}

void
met_note_repository(struct met *met, uint32_t number)
{
	note(met, bytes_of(&number, sizeof(number)));
}

void
met_note_answer(struct met *met, const struct hash *key)
{
	note(met, hash_bytes(key));
}

void
met_note_ca(struct met *met, const struct keyid *ca, const char *manifest)
{
	struct lastgood_key key;

	note(met, bytes_of(ca->at, KEYID_SIZE));
	note(met, lastgood_key(&key, ca, manifest));
}

bool
met_anchor(const struct met *met, const struct hash *spki)
{
	struct anchor_key key;

	return has(met, anchor_key(&key, spki));
}

bool
met_repository(const struct met *met, uint32_t number)
{
	return has(met, bytes_of(&number, sizeof(number)));
}

bool
met_answer(const struct met *met, struct bytes key)
{
	return key.len == HASH_SIZE && has(met, key);
}

bool
met_ca(const struct met *met, struct bytes key)
{
	return key.len == LASTGOOD_KEY && has(met, key);
}

bool
met_ca_key(const struct met *met, const struct keyid *ca)
{
	return has(met, bytes_of(ca->at, KEYID_SIZE));
}
