/* SPDX-License-Identifier: BSD-2-Clause */
/* atlas - see atlas.h. */
#include "output/atlas.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"

struct atlas {
	atomic_size_t references;
	const struct snapshot *snapshot;
	struct origin_index *index;
	size_t ta_count, repository_count;
	struct atlas_part *tas, *repositories;
	struct atlas_part local;
	uint64_t totals[ATLAS_TYPES];
};

static const struct atlas_part nothing;

static enum atlas_type
type_of(const struct snapshot *snapshot, enum item_kind kind, size_t i)
{
	switch (kind) {
	case ITEM_ROUTER_KEY:
		return ATLAS_ROUTER_KEYS;
	case ITEM_ASPA:
		return ATLAS_ASPAS;
	case ITEM_VRP:
	case ITEM_KINDS:
		break;
	}
	return snapshot_vrp(snapshot, i)->prefix.family == IP_V4 ? ATLAS_V4
								 : ATLAS_V6;
}

/* Room for this number, which is of 16 bits. */
static struct atlas_part *
part_of(struct atlas_part **parts, size_t *count, unsigned number)
{
	if (number >= *count) {
		*parts = mem_grow(*parts, number + 1, sizeof(**parts));
		memset(*parts + *count, 0,
		    (number + 1 - *count) * sizeof(**parts));
		*count = number + 1;
	}
	return *parts + number;
}

static void
count_source(struct atlas *atlas, struct source_owner owner,
    enum atlas_type type, size_t place)
{
	struct atlas_part *parts[2] = { &atlas->local, NULL };

	if (owner.kind != SOURCE_EXCEPTION) {
		parts[0] = part_of(&atlas->tas, &atlas->ta_count, owner.ta);
		parts[1] = part_of(&atlas->repositories,
		    &atlas->repository_count, owner.repository);
	}
	for (unsigned s = 0; s < 2 && parts[s] != NULL; s++) {
		if (place == 0) {
			parts[s]->first[type]++;
		} else {
			parts[s]->again[type]++;
		}
	}
}

static void
count(struct atlas *atlas)
{
	const struct snapshot *set = atlas->snapshot;
	const struct sources *book = snapshot_book(set);

	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;

		for (size_t i = 0; i < snapshot_count(set, kind); i++) {
			enum atlas_type type = type_of(set, kind, i);
			size_t sources = snapshot_sources(set, kind, i);

			atlas->totals[type]++;
			for (size_t n = 0; n < sources; n++) {
				count_source(atlas,
				    sources_owner(book,
					snapshot_source_number(set, kind, i,
					    n)),
				    type, n);
			}
		}
	}
}

const struct atlas *
atlas_new(const struct snapshot *snapshot)
{
	struct atlas *atlas = mem_zero(1, sizeof(*atlas));

	atomic_init(&atlas->references, 1);
	atlas->snapshot = snapshot_get(snapshot);
	atlas->index = origin_new(snapshot);
	count(atlas);
	return atlas;
}

/* WHY the cast: the count of references is all that changes. */
static struct atlas *
counted(const struct atlas *atlas)
{
	return (struct atlas *)(uintptr_t)atlas;
}

const struct atlas *
atlas_get(const struct atlas *atlas)
{
	atomic_fetch_add_explicit(&counted(atlas)->references, 1,
	    memory_order_relaxed);
	return atlas;
}

void
atlas_put(const struct atlas *atlas)
{
	struct atlas *last = counted(atlas);

	if (atlas == NULL || atomic_fetch_sub_explicit(&last->references, 1,
				 memory_order_acq_rel) > 1) {
		return;
	}
	origin_free(last->index);
	snapshot_put(last->snapshot);
	free(last->tas);
	free(last->repositories);
	free(last);
}

const struct snapshot *
atlas_set(const struct atlas *atlas)
{
	return atlas->snapshot;
}

const struct origin_index *
atlas_index(const struct atlas *atlas)
{
	return atlas->index;
}

const struct atlas_part *
atlas_ta(const struct atlas *atlas, size_t i)
{
	return i < atlas->ta_count ? &atlas->tas[i] : &nothing;
}

const struct atlas_part *
atlas_repository(const struct atlas *atlas, size_t i)
{
	return i < atlas->repository_count ? &atlas->repositories[i] : &nothing;
}

const struct atlas_part *
atlas_local(const struct atlas *atlas)
{
	return &atlas->local;
}

uint64_t
atlas_total(const struct atlas *atlas, enum atlas_type type)
{
	return atlas->totals[type];
}

uint64_t
atlas_vrps(const struct atlas_part *part)
{
	return part->first[ATLAS_V4] + part->first[ATLAS_V6];
}

const char *
atlas_type_name(enum atlas_type type)
{
	static const char *const names[ATLAS_TYPES] = {
		[ATLAS_V4] = "route_origins_ipv4",
		[ATLAS_V6] = "route_origins_ipv6",
		[ATLAS_ROUTER_KEYS] = "router_keys",
		[ATLAS_ASPAS] = "aspas",
	};

	return names[type];
}
