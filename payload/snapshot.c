/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot - see snapshot.h. */
#include "payload/snapshot.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"

struct snapshot {
	atomic_size_t references;
	struct snapshot_parts parts;
};

const struct snapshot *
snapshot_take(const struct snapshot_parts *parts)
{
	struct snapshot *snapshot = mem_zero(1, sizeof(*snapshot));

	atomic_init(&snapshot->references, 1);
	snapshot->parts = *parts;
	return snapshot;
}

/* WHY the cast: the count of references is all that changes in a snapshot. */
static struct snapshot *
counted(const struct snapshot *snapshot)
{
	return (struct snapshot *)(uintptr_t)snapshot;
}

const struct snapshot *
snapshot_get(const struct snapshot *snapshot)
{
	atomic_fetch_add_explicit(&counted(snapshot)->references, 1,
	    memory_order_relaxed);
	return snapshot;
}

void
snapshot_put(const struct snapshot *snapshot)
{
	struct snapshot *last;

	if (snapshot == NULL ||
	    atomic_fetch_sub_explicit(&counted(snapshot)->references, 1,
		memory_order_acq_rel) > 1) {
		return;
	}
	last = counted(snapshot);
	for (size_t ta = 0; ta < last->parts.ta_count; ta++) {
		free(last->parts.tas[ta]);
	}
	free(last->parts.tas);
	sources_put(last->parts.sources);
	free(last->parts.vrps);
	free(last->parts.keys);
	free(last->parts.aspas);
	free(last->parts.spkis);
	free(last->parts.providers);
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		free(last->parts.of[kind]);
	}
	free(last->parts.lists);
	free(last);
}

size_t
snapshot_count(const struct snapshot *snapshot, enum item_kind kind)
{
	return snapshot->parts.counts[kind];
}

size_t
snapshot_vrps(const struct snapshot *snapshot)
{
	return snapshot->parts.counts[ITEM_VRP];
}

size_t
snapshot_router_keys(const struct snapshot *snapshot)
{
	return snapshot->parts.counts[ITEM_ROUTER_KEY];
}

size_t
snapshot_aspas(const struct snapshot *snapshot)
{
	return snapshot->parts.counts[ITEM_ASPA];
}

const struct vrp *
snapshot_vrp(const struct snapshot *snapshot, size_t i)
{
	assert(i < snapshot->parts.counts[ITEM_VRP]);
	return &snapshot->parts.vrps[i];
}

const struct router_key *
snapshot_router_key(const struct snapshot *snapshot, size_t i)
{
	assert(i < snapshot->parts.counts[ITEM_ROUTER_KEY]);
	return &snapshot->parts.keys[i];
}

const struct aspa *
snapshot_aspa(const struct snapshot *snapshot, size_t i)
{
	assert(i < snapshot->parts.counts[ITEM_ASPA]);
	return &snapshot->parts.aspas[i];
}

/* Where the numbers of an item's sources stand, and how many there are. */
static const uint32_t *
numbers(const struct snapshot *snapshot, enum item_kind kind, size_t i,
    size_t *count)
{
	const uint32_t *of = &snapshot->parts.of[kind][i];
	const uint32_t *list;

	assert(i < snapshot->parts.counts[kind]);
	if ((*of & SNAPSHOT_MANY) == 0) {
		*count = 1;
		return of;
	}
	list = &snapshot->parts.lists[*of & ~SNAPSHOT_MANY];
	*count = list[0];
	return list + 1;
}

size_t
snapshot_sources(const struct snapshot *snapshot, enum item_kind kind, size_t i)
{
	size_t count;

	numbers(snapshot, kind, i, &count);
	return count;
}

const struct source *
snapshot_source(const struct snapshot *snapshot, enum item_kind kind, size_t i,
    size_t n, struct source_room *room)
{
	size_t count;
	const uint32_t *list = numbers(snapshot, kind, i, &count);

	assert(n < count);
	return sources_get(snapshot->parts.sources, list[n], room);
}

const struct sources *
snapshot_book(const struct snapshot *snapshot)
{
	return snapshot->parts.sources;
}

uint32_t
snapshot_source_number(const struct snapshot *snapshot, enum item_kind kind,
    size_t i, size_t n)
{
	size_t count;
	const uint32_t *list = numbers(snapshot, kind, i, &count);

	assert(n < count);
	return list[n];
}

const void *
snapshot_item(const struct snapshot *snapshot, enum item_kind kind, size_t i)
{
	switch (kind) {
	case ITEM_VRP:
		return snapshot_vrp(snapshot, i);
	case ITEM_ROUTER_KEY:
		return snapshot_router_key(snapshot, i);
	case ITEM_ASPA:
		return snapshot_aspa(snapshot, i);
	case ITEM_KINDS:
		break;
	}
	return NULL;
}

size_t
snapshot_find(const struct snapshot *snapshot, enum item_kind kind,
    const void *item)
{
	size_t low = 0;
	size_t end = snapshot == NULL ? 0 : snapshot_count(snapshot, kind);
	size_t high = end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (item_compare(kind, snapshot_item(snapshot, kind, middle),
			item) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < end && item_compare(kind,
				snapshot_item(snapshot, kind, low), item) == 0
		   ? low
		   : SIZE_MAX;
}

int64_t
snapshot_expires(const struct snapshot *snapshot, enum item_kind kind, size_t i)
{
	struct source_room room;
	size_t count;
	const uint32_t *list = numbers(snapshot, kind, i, &count);
	int64_t when =
	    sources_get(snapshot->parts.sources, list[0], &room)->expires;

	for (size_t n = 1; n < count; n++) {
		int64_t other =
		    sources_get(snapshot->parts.sources, list[n], &room)
			->expires;

		if (kind == ITEM_ASPA ? other < when : other > when) {
			when = other;
		}
	}
	return when;
}

bool
snapshot_has_source(const struct snapshot *snapshot, enum item_kind kind,
    size_t i, const struct source *source)
{
	for (size_t n = 0; n < snapshot_sources(snapshot, kind, i); n++) {
		struct source_room room;
		const struct source *own =
		    snapshot_source(snapshot, kind, i, n, &room);

		if (strcmp(own->uri, source->uri) == 0 &&
		    hash_equal(&own->object, &source->object)) {
			return true;
		}
	}
	return false;
}

int
snapshot_compare(const struct snapshot *a, size_t i, const struct snapshot *b,
    size_t j, enum item_kind kind)
{
	return item_compare(kind, snapshot_item(a, kind, i),
	    snapshot_item(b, kind, j));
}

const char *
snapshot_ta(const struct snapshot *snapshot, enum item_kind kind, size_t i)
{
	size_t count;
	const uint32_t *list = numbers(snapshot, kind, i, &count);

	return snapshot_ta_name(snapshot,
	    sources_owner(snapshot->parts.sources, list[0]).ta);
}

bool
snapshot_same_tas(const struct snapshot *a, const struct snapshot *b)
{
	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;

		for (size_t i = 0; i < snapshot_count(a, kind); i++) {
			if (strcmp(snapshot_ta(a, kind, i),
				snapshot_ta(b, kind, i)) != 0) {
				return false;
			}
		}
	}
	return true;
}

size_t
snapshot_ta_count(const struct snapshot *snapshot)
{
	return snapshot->parts.ta_count;
}

const char *
snapshot_ta_name(const struct snapshot *snapshot, size_t ta)
{
	return ta < snapshot->parts.ta_count ? snapshot->parts.tas[ta] : "N/A";
}

size_t
snapshot_large_aspas(const struct snapshot *snapshot)
{
	return snapshot->parts.large_aspas;
}

size_t
snapshot_insane(const struct snapshot *snapshot)
{
	return snapshot->parts.insane;
}
