/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seal - turns what a builder collected into the sorted parts of a snapshot.
 *
 * What a builder holds is between builder.c and seal.c and no one else.
 */
#pragma once

#include "payload/builder.h"
#include "payload/sheaf.h"

struct key_row {
	struct router_key key; /* spki is set when sealing: the pool moves */
	size_t spki;           /* place in the pool */
	uint32_t source;
};

struct aspa_row {
	uint32_t customer, count, source;
	size_t providers; /* place in the pool */
};

struct builder {
	struct sources *sources;
	char **tas;
	size_t ta_count, ta_room;
	struct sheaf vrps;
	struct key_row *keys;
	size_t key_count, key_room;
	uint8_t *spkis;
	size_t spki_len, spki_room;
	struct aspa_row *aspas;
	size_t aspa_count, aspa_room;
	uint32_t *providers;
	size_t provider_count, provider_room;
	size_t insane, large_aspas;
	size_t most_providers;
};

/* Sort, merge and move everything but sources and trust anchors. */
void seal_items(struct builder *builder, struct snapshot_parts *parts);
