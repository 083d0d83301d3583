/* SPDX-License-Identifier: BSD-2-Clause */
/* builder - see builder.h. */
#include "payload/builder.h"

#include <assert.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"
#include "payload/seal.h"

struct builder *
builder_new(void)
{
	struct builder *builder = mem_zero(1, sizeof(*builder));

	builder->sources = sources_new();
	builder->most_providers = LIMIT_ASPA_PROVIDERS;
	return builder;
}

void
builder_free(struct builder *builder)
{
	if (builder == NULL) {
		return;
	}
	for (size_t ta = 0; ta < builder->ta_count; ta++) {
		free(builder->tas[ta]);
	}
	free(builder->tas);
	sources_put(builder->sources);
	sheaf_clear(&builder->vrps);
	free(builder->keys);
	free(builder->spkis);
	free(builder->aspas);
	free(builder->providers);
	free(builder);
}

void
builder_most_providers(struct builder *builder, size_t most)
{
	builder->most_providers = most;
}

void
builder_ta(struct builder *builder, const char *name)
{
	builder->tas = array_room(builder->tas, builder->ta_count,
	    &builder->ta_room, sizeof(*builder->tas));
	builder->tas[builder->ta_count++] = mem_text(name);
}

size_t
builder_tas(const struct builder *builder)
{
	return builder->ta_count;
}

const char *
builder_ta_name(const struct builder *builder, size_t ta)
{
	assert(ta < builder->ta_count);
	return builder->tas[ta];
}

uint32_t
builder_source(struct builder *builder, const struct source *source)
{
	return sources_add(builder->sources, source);
}

uint32_t
builder_sources(const struct builder *builder)
{
	return sources_count(builder->sources);
}

size_t
builder_count(const struct builder *builder, enum item_kind kind)
{
	const size_t counts[ITEM_KINDS] = {
		[ITEM_VRP] = builder->vrps.count,
		[ITEM_ROUTER_KEY] = builder->key_count,
		[ITEM_ASPA] = builder->aspa_count,
	};

	return counts[kind];
}

uint64_t
builder_octets(const struct builder *builder)
{
	return sources_octets(builder->sources) +
	       builder->vrps.count * (sizeof(struct vrp) + sizeof(uint32_t)) +
	       builder->key_count * sizeof(struct key_row) + builder->spki_len +
	       builder->aspa_count * sizeof(struct aspa_row) +
	       builder->provider_count * sizeof(uint32_t);
}

/* Room by doubling without zeroing: untouched pages cost nothing. */
static size_t
more_room(size_t room)
{
	return room < 1024 ? 1024 : room * 2;
}

void
builder_vrp(struct builder *builder, const struct vrp *vrp, uint32_t source)
{
	assert(source < sources_count(builder->sources));
	if (!item_vrp_sane(vrp)) {
		builder->insane++;
		return;
	}
	sheaf_add(&builder->vrps, vrp, source);
}

void
builder_router_key(struct builder *builder, const struct router_key *key,
    uint32_t source)
{
	struct key_row row = { .key = *key, .source = source };

	assert(source < sources_count(builder->sources));
	if (key->spki_len == 0) {
		builder->insane++;
		return;
	}
	row.spki = builder->spki_len;
	row.key.spki = NULL;
	while (builder->spki_room - builder->spki_len < key->spki_len) {
		builder->spki_room = more_room(builder->spki_room);
		builder->spkis =
		    mem_grow(builder->spkis, builder->spki_room, 1);
	}
	memcpy(builder->spkis + builder->spki_len, key->spki, key->spki_len);
	builder->spki_len += key->spki_len;
	builder->keys = array_room(builder->keys, builder->key_count,
	    &builder->key_room, sizeof(*builder->keys));
	builder->keys[builder->key_count++] = row;
}

void
builder_aspa(struct builder *builder, const struct aspa *aspa, uint32_t source)
{
	struct aspa_row row = {
		.customer = aspa->customer,
		.count = aspa->count,
		.source = source,
		.providers = builder->provider_count,
	};

	assert(source < sources_count(builder->sources));
	if (aspa->count == 0) {
		builder->insane++;
		return;
	}
	while (builder->provider_room - builder->provider_count < aspa->count) {
		builder->provider_room = more_room(builder->provider_room);
		builder->providers = mem_grow(builder->providers,
		    builder->provider_room, sizeof(*builder->providers));
	}
	memcpy(builder->providers + builder->provider_count, aspa->providers,
	    aspa->count * sizeof(*aspa->providers));
	builder->provider_count += aspa->count;
	builder->aspas = array_room(builder->aspas, builder->aspa_count,
	    &builder->aspa_room, sizeof(*builder->aspas));
	builder->aspas[builder->aspa_count++] = row;
}

void
builder_item(struct builder *builder, enum item_kind kind, const void *item,
    uint32_t source)
{
	switch (kind) {
	case ITEM_VRP:
		builder_vrp(builder, item, source);
		break;
	case ITEM_ROUTER_KEY:
		builder_router_key(builder, item, source);
		break;
	case ITEM_ASPA:
		builder_aspa(builder, item, source);
		break;
	case ITEM_KINDS:
		break;
	}
}

static void
copy_item(struct builder *builder, const struct snapshot *snapshot,
    enum item_kind kind, size_t i)
{
	const void *item = snapshot_item(snapshot, kind, i);

	for (size_t n = 0; n < snapshot_sources(snapshot, kind, i); n++) {
		builder_item(builder, kind, item,
		    snapshot_source_number(snapshot, kind, i, n));
	}
}

void
builder_copy(struct builder *builder, const struct snapshot *snapshot,
    builder_keep *keep, void *arg)
{
	assert(sources_count(builder->sources) == 0);
	for (size_t ta = 0; ta < snapshot_ta_count(snapshot); ta++) {
		builder_ta(builder, snapshot_ta_name(snapshot, ta));
	}
	sources_put(builder->sources);
	builder->sources = sources_extend(snapshot_book(snapshot));
	builder->large_aspas = snapshot_large_aspas(snapshot);
	builder->insane = snapshot_insane(snapshot);
	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;

		for (size_t i = 0; i < snapshot_count(snapshot, kind); i++) {
			if (keep == NULL || keep(arg, snapshot, kind, i)) {
				copy_item(builder, snapshot, kind, i);
			}
		}
	}
}

const struct snapshot *
builder_seal(struct builder *builder)
{
	struct snapshot_parts parts = { .sources = builder->sources };

	sources_seal(builder->sources);
	parts.tas = builder->tas;
	parts.ta_count = builder->ta_count;
	builder->tas = NULL;
	builder->ta_count = 0;
	seal_items(builder, &parts);
	parts.large_aspas = builder->large_aspas;
	parts.insane = builder->insane;
	builder->sources = NULL;
	builder_free(builder);
	return snapshot_take(&parts);
}
