/* SPDX-License-Identifier: BSD-2-Clause */
/* seal - see seal.h. */
#include "payload/seal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"

/* Source numbers of items that have several. */
struct lists {
	uint32_t *at;
	size_t count, room;
};

/* A source number that can be sorted with the plain qsort(). */
struct ranked {
	const struct sources *sources;
	uint32_t number;
};

/* Room by doubling without zeroing: untouched pages cost nothing. */
static size_t
more_room(size_t room)
{
	return room < 1024 ? 1024 : room * 2;
}

static void
list_add(struct lists *lists, uint32_t number)
{
	if (lists->count == lists->room) {
		lists->room = more_room(lists->room);
		lists->at =
		    mem_grow(lists->at, lists->room, sizeof(*lists->at));
	}
	lists->at[lists->count++] = number;
}

static int
compare_ranked(const void *left, const void *right)
{
	const struct ranked *a = left;
	const struct ranked *b = right;
	int by = a->number == b->number
		     ? 0
		     : sources_compare(a->sources, a->number, b->number);

	return by != 0 ? by : (a->number > b->number) - (a->number < b->number);
}

/* What stands for these sources: one number, or a list without doubles. */
static uint32_t
put_sources(const struct builder *builder, struct lists *lists,
    struct ranked *ranked, size_t count)
{
	size_t kept = 0;
	size_t place = lists->count;

	if (count > 1) {
		qsort(ranked, count, sizeof(*ranked), compare_ranked);
	}
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 ||
		    (ranked[i].number != ranked[kept - 1].number &&
			sources_compare(builder->sources, ranked[i].number,
			    ranked[kept - 1].number) != 0)) {
			ranked[kept++] = ranked[i];
		}
	}
	if (kept == 1) {
		return ranked[0].number;
	}
	assert(place < SNAPSHOT_MANY);
	list_add(lists, (uint32_t)kept);
	for (size_t i = 0; i < kept; i++) {
		list_add(lists, ranked[i].number);
	}
	return SNAPSHOT_MANY | (uint32_t)place;
}

/* What stands for the sources of doubles. */
static uint32_t
put_doubles(const struct builder *builder, struct lists *lists,
    const uint32_t *with, size_t count)
{
	struct ranked *ranked = mem_zero(count, sizeof(*ranked));
	uint32_t sources;

	for (size_t i = 0; i < count; i++) {
		ranked[i] = (struct ranked){ builder->sources, with[i] };
	}
	sources = put_sources(builder, lists, ranked, count);
	free(ranked);
	return sources;
}

static void *
shrink(void *items, size_t count, size_t size)
{
	return count == 0 ? items : mem_grow(items, count, size);
}

static void
seal_vrps(struct builder *builder, struct snapshot_parts *parts,
    struct lists *lists)
{
	struct sheaf *sheaf = &builder->vrps;
	struct vrp *vrps = sheaf->vrps;
	uint32_t *with = sheaf->sources;
	size_t kept = 0;

	sheaf_sort(sheaf);
	for (size_t i = 0, next; i < sheaf->count; i = next) {
		next = i + 1;
		while (next < sheaf->count &&
		       item_vrp_equal(&vrps[i], &vrps[next])) {
			next++;
		}
		vrps[kept] = vrps[i];
		with[kept++] = next == i + 1 ? with[i]
					     : put_doubles(builder, lists,
						   with + i, next - i);
	}
	parts->counts[ITEM_VRP] = kept;
	parts->vrps = shrink(vrps, kept, sizeof(*vrps));
	parts->of[ITEM_VRP] = shrink(with, kept, sizeof(*with));
	*sheaf = (struct sheaf){ .count = 0 };
}

static int
compare_keys(const void *left, const void *right)
{
	const struct key_row *a = left;
	const struct key_row *b = right;

	return item_router_key_compare(&a->key, &b->key);
}

static void
seal_keys(struct builder *builder, struct snapshot_parts *parts,
    struct lists *lists)
{
	struct ranked *ranked = NULL;
	struct key_row *rows = builder->keys;
	size_t count = builder->key_count;
	size_t room = 0;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		rows[i].key.spki = builder->spkis + rows[i].spki;
	}
	if (count != 0) {
		qsort(rows, count, sizeof(*rows), compare_keys);
	}
	parts->keys = mem_zero(count + 1, sizeof(*parts->keys));
	parts->of[ITEM_ROUTER_KEY] = mem_zero(count + 1, sizeof(uint32_t));
	for (size_t i = 0, next; i < count; i = next) {
		size_t n = 0;

		for (next = i;
		     next < count && compare_keys(&rows[i], &rows[next]) == 0;
		     next++) {
			ranked = array_room(ranked, n, &room, sizeof(*ranked));
			ranked[n++] = (struct ranked){ builder->sources,
				rows[next].source };
		}
		parts->keys[kept] = rows[i].key;
		parts->of[ITEM_ROUTER_KEY][kept++] =
		    put_sources(builder, lists, ranked, n);
	}
	free(ranked);
	parts->counts[ITEM_ROUTER_KEY] = kept;
	parts->spkis = builder->spkis;
	builder->spkis = NULL;
}

static int
compare_aspas(const void *left, const void *right)
{
	const struct aspa_row *a = left;
	const struct aspa_row *b = right;

	return (a->customer > b->customer) - (a->customer < b->customer);
}

/* Ascending, without doubles, AS0 only alone. Returns how many are left. */
static uint32_t
unite(uint32_t *asns, size_t count)
{
	size_t kept = 0;

	qsort(asns, count, sizeof(*asns), array_by_u32);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || asns[i] != asns[kept - 1]) {
			asns[kept++] = asns[i];
		}
	}
	if (kept > 1 && asns[0] == 0) {
		memmove(asns, asns + 1, --kept * sizeof(*asns));
	}
	return (uint32_t)kept;
}

/* All rows of one customer; false when too many providers came together. */
static bool
seal_aspa(struct builder *builder, struct aspa *aspa, uint32_t *providers,
    const struct aspa_row *rows, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		memcpy(providers + n, builder->providers + rows[i].providers,
		    rows[i].count * sizeof(*providers));
		n += rows[i].count;
	}
	*aspa = (struct aspa){
		.customer = rows[0].customer,
		.count = unite(providers, n),
		.providers = providers,
	};
	return aspa->count <= builder->most_providers;
}

static void
seal_aspas(struct builder *builder, struct snapshot_parts *parts,
    struct lists *lists)
{
	struct ranked *ranked = NULL;
	struct aspa_row *rows = builder->aspas;
	size_t count = builder->aspa_count;
	size_t room = 0, kept = 0, used = 0;

	if (count != 0) {
		qsort(rows, count, sizeof(*rows), compare_aspas);
	}
	parts->aspas = mem_zero(count + 1, sizeof(*parts->aspas));
	parts->of[ITEM_ASPA] = mem_zero(count + 1, sizeof(uint32_t));
	parts->providers =
	    mem_zero(builder->provider_count + 1, sizeof(uint32_t));
	for (size_t i = 0, next; i < count; i = next) {
		size_t n = 0;

		for (next = i;
		     next < count && rows[i].customer == rows[next].customer;
		     next++) {
			ranked = array_room(ranked, n, &room, sizeof(*ranked));
			ranked[n++] = (struct ranked){ builder->sources,
				rows[next].source };
		}
		if (!seal_aspa(builder, &parts->aspas[kept],
			parts->providers + used, rows + i, n)) {
			builder->large_aspas++;
			continue;
		}
		used += parts->aspas[kept].count;
		parts->of[ITEM_ASPA][kept++] =
		    put_sources(builder, lists, ranked, n);
	}
	free(ranked);
	parts->counts[ITEM_ASPA] = kept;
}

void
seal_items(struct builder *builder, struct snapshot_parts *parts)
{
	struct lists lists = { .at = NULL };

	seal_vrps(builder, parts, &lists);
	seal_keys(builder, parts, &lists);
	seal_aspas(builder, parts, &lists);
	parts->lists = shrink(lists.at, lists.count, sizeof(*lists.at));
}
