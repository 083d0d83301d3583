/* SPDX-License-Identifier: BSD-2-Clause */
/* delta - see delta.h. */
#include "payload/delta.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"

/* A sorted array without doubles, of any item. */
struct set {
	const void *at;
	size_t count;
};

struct trade {
	size_t size;
	int (*compare)(const void *a, const void *b);
};

static int
compare_vrps(const void *a, const void *b)
{
	return item_vrp_compare(a, b);
}

static int
compare_keys(const void *a, const void *b)
{
	return item_router_key_compare(a, b);
}

static const struct trade vrp_trade = { sizeof(struct vrp), compare_vrps };
static const struct trade key_trade = { sizeof(struct router_key),
	compare_keys };

struct delta {
	atomic_size_t references;
	struct arena *arena;
	struct set vrps[DELTA_ACTIONS];
	struct set keys[DELTA_ACTIONS];
	struct delta_aspa *aspas;
	size_t aspa_count;
	size_t aspa_actions[DELTA_ACTIONS];
};

/* --- arithmetic of sets */

static const char *
item_of(const struct set *set, const struct trade *trade, size_t i)
{
	return (const char *)set->at + i * trade->size;
}

/* a without b; writes to out unless it is NULL; returns how many. */
static size_t
subtract(void *out, struct set a, struct set b, const struct trade *trade)
{
	size_t n = 0;

	for (size_t i = 0, j = 0; i < a.count; i++) {
		int by = -1;

		while (j < b.count) {
			by = trade->compare(item_of(&a, trade, i),
			    item_of(&b, trade, j));
			if (by <= 0) {
				break;
			}
			j++;
			by = -1;
		}
		if (by == 0) {
			continue;
		}
		if (out != NULL) {
			memcpy((char *)out + n * trade->size,
			    item_of(&a, trade, i), trade->size);
		}
		n++;
	}
	return n;
}

static struct set
difference(struct arena *arena, struct set a, struct set b,
    const struct trade *trade)
{
	size_t count = subtract(NULL, a, b, trade);
	void *items = arena_zero(arena, count + 1, trade->size);

	subtract(items, a, b, trade);
	return (struct set){ items, count };
}

static struct set
merge(struct arena *arena, struct set a, struct set b,
    const struct trade *trade)
{
	char *items = arena_zero(arena, a.count + b.count + 1, trade->size);
	size_t i = 0, j = 0, n = 0;

	while (i < a.count || j < b.count) {
		const char *item;
		int by;

		if (i == a.count || j == b.count) {
			by = i == a.count ? 1 : -1;
		} else {
			by = trade->compare(item_of(&a, trade, i),
			    item_of(&b, trade, j));
		}
		item = by <= 0 ? item_of(&a, trade, i) : item_of(&b, trade, j);
		i += by <= 0;
		j += by >= 0;
		memcpy(items + n++ * trade->size, item, trade->size);
	}
	return (struct set){ items, n };
}

/* --- making */

static struct delta *
start(void)
{
	struct delta *delta = mem_zero(1, sizeof(*delta));

	atomic_init(&delta->references, 1);
	delta->arena = arena_new();
	return delta;
}

static struct set
vrps_of(const struct snapshot *snapshot)
{
	size_t count = snapshot == NULL ? 0 : snapshot_vrps(snapshot);

	return (
	    struct set){ count == 0 ? NULL : snapshot_vrp(snapshot, 0), count };
}

static struct set
keys_of(const struct snapshot *snapshot)
{
	size_t count = snapshot == NULL ? 0 : snapshot_router_keys(snapshot);

	return (
	    struct set){ count == 0 ? NULL : snapshot_router_key(snapshot, 0),
		count };
}

/* What keys lend comes from elsewhere: make it ours. */
static void
own_keys(struct delta *delta)
{
	for (unsigned action = 0; action < DELTA_ACTIONS; action++) {
		struct set *set = &delta->keys[action];
		struct router_key *keys =
		    arena_zero(delta->arena, set->count + 1, sizeof(*keys));

		for (size_t i = 0; i < set->count; i++) {
			memcpy(&keys[i], item_of(set, &key_trade, i),
			    sizeof(*keys));
			keys[i].spki = arena_copy(delta->arena,
			    bytes_of(keys[i].spki, keys[i].spki_len))
					   .at;
		}
		set->at = keys;
	}
}

static bool
same_providers(const struct aspa *a, const struct aspa *b)
{
	return a->count == b->count &&
	       (a->count == 0 || memcmp(a->providers, b->providers,
				     a->count * sizeof(*a->providers)) == 0);
}

static struct aspa
own_aspa(struct delta *delta, const struct aspa *aspa, uint32_t customer)
{
	struct aspa own = { .customer = customer };
	uint32_t *providers;

	if (aspa == NULL || aspa->count == 0) {
		return own;
	}
	providers = arena_zero(delta->arena, aspa->count, sizeof(*providers));
	memcpy(providers, aspa->providers, aspa->count * sizeof(*providers));
	own.count = aspa->count;
	own.providers = providers;
	return own;
}

/* Either may be NULL: there was none, there is none. */
static void
add_aspa(struct delta *delta, const struct aspa *before,
    const struct aspa *after)
{
	static const struct aspa none = { .count = 0 };
	struct delta_aspa *row = &delta->aspas[delta->aspa_count];
	uint32_t customer = before != NULL ? before->customer : after->customer;

	if (same_providers(before != NULL ? before : &none,
		after != NULL ? after : &none)) {
		return;
	}
	row->before = own_aspa(delta, before, customer);
	row->after = own_aspa(delta, after, customer);
	delta->aspa_actions[row->after.count != 0]++;
	delta->aspa_count++;
}

static void
compare_aspas(struct delta *delta, const struct snapshot *from,
    const struct snapshot *to)
{
	size_t m = from == NULL ? 0 : snapshot_aspas(from);
	size_t n = to == NULL ? 0 : snapshot_aspas(to);
	size_t i = 0, j = 0;

	delta->aspas =
	    arena_zero(delta->arena, m + n + 1, sizeof(*delta->aspas));
	while (i < m || j < n) {
		const struct aspa *before =
		    i < m ? snapshot_aspa(from, i) : NULL;
		const struct aspa *after = j < n ? snapshot_aspa(to, j) : NULL;

		if (before != NULL && after != NULL) {
			int by = item_aspa_compare(before, after);

			before = by <= 0 ? before : NULL;
			after = by >= 0 ? after : NULL;
		}
		i += before != NULL;
		j += after != NULL;
		add_aspa(delta, before, after);
	}
}

const struct delta *
delta_new(const struct snapshot *from, const struct snapshot *to)
{
	struct delta *delta = start();

	delta->vrps[DELTA_WITHDRAW] =
	    difference(delta->arena, vrps_of(from), vrps_of(to), &vrp_trade);
	delta->vrps[DELTA_ANNOUNCE] =
	    difference(delta->arena, vrps_of(to), vrps_of(from), &vrp_trade);
	delta->keys[DELTA_WITHDRAW] =
	    difference(delta->arena, keys_of(from), keys_of(to), &key_trade);
	delta->keys[DELTA_ANNOUNCE] =
	    difference(delta->arena, keys_of(to), keys_of(from), &key_trade);
	own_keys(delta);
	compare_aspas(delta, from, to);
	return delta;
}

/* What one did and the other undid is gone from both. */
static void
merge_sets(struct arena *arena, struct set out[DELTA_ACTIONS],
    const struct set first[DELTA_ACTIONS],
    const struct set second[DELTA_ACTIONS], const struct trade *trade)
{
	for (unsigned action = 0; action < DELTA_ACTIONS; action++) {
		unsigned other = DELTA_ACTIONS - 1 - action;
		struct set early =
		    difference(arena, first[action], second[other], trade);
		struct set late =
		    difference(arena, second[action], first[other], trade);

		out[action] = merge(arena, early, late, trade);
	}
}

static void
merge_aspas(struct delta *delta, const struct delta *first,
    const struct delta *second)
{
	size_t i = 0, j = 0;

	delta->aspas = arena_zero(delta->arena,
	    first->aspa_count + second->aspa_count + 1, sizeof(*delta->aspas));
	while (i < first->aspa_count || j < second->aspa_count) {
		const struct delta_aspa *a =
		    i < first->aspa_count ? &first->aspas[i] : NULL;
		const struct delta_aspa *b =
		    j < second->aspa_count ? &second->aspas[j] : NULL;

		if (a != NULL && b != NULL) {
			int by = item_aspa_compare(&a->before, &b->before);

			a = by <= 0 ? a : NULL;
			b = by >= 0 ? b : NULL;
		}
		i += a != NULL;
		j += b != NULL;
		add_aspa(delta, a != NULL ? &a->before : &b->before,
		    b != NULL ? &b->after : &a->after);
	}
}

const struct delta *
delta_merge(const struct delta *first, const struct delta *second)
{
	struct delta *delta = start();

	merge_sets(delta->arena, delta->vrps, first->vrps, second->vrps,
	    &vrp_trade);
	merge_sets(delta->arena, delta->keys, first->keys, second->keys,
	    &key_trade);
	own_keys(delta);
	merge_aspas(delta, first, second);
	return delta;
}

void
delta_path_clear(struct delta_path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		delta_put(path->at[i]);
	}
	free(path->at);
	*path = (struct delta_path){ .at = NULL };
}

const struct delta *
delta_path_merge(const struct delta_path *path)
{
	size_t half = path->count / 2;
	const struct delta_path halves[] = {
		{ path->at, half },
		{ path->at + half, path->count - half },
	};
	const struct delta *early, *late, *all;

	if (path->count < 2) {
		return path->count == 0 ? start() : delta_get(path->at[0]);
	}
	early = delta_path_merge(&halves[0]);
	late = delta_path_merge(&halves[1]);
	all = delta_merge(early, late);
	delta_put(early);
	delta_put(late);
	return all;
}

/* --- reading */

static struct delta *
counted(const struct delta *delta)
{
	return (struct delta *)(uintptr_t)delta;
}

const struct delta *
delta_get(const struct delta *delta)
{
	atomic_fetch_add_explicit(&counted(delta)->references, 1,
	    memory_order_relaxed);
	return delta;
}

void
delta_put(const struct delta *delta)
{
	if (delta == NULL ||
	    atomic_fetch_sub_explicit(&counted(delta)->references, 1,
		memory_order_acq_rel) > 1) {
		return;
	}
	arena_free(delta->arena);
	free(counted(delta));
}

size_t
delta_count(const struct delta *delta, enum item_kind kind,
    enum delta_action action)
{
	const size_t counts[ITEM_KINDS] = {
		[ITEM_VRP] = delta->vrps[action].count,
		[ITEM_ROUTER_KEY] = delta->keys[action].count,
		[ITEM_ASPA] = delta->aspa_actions[action],
	};

	return counts[kind];
}

bool
delta_empty(const struct delta *delta)
{
	size_t count = delta->aspa_count;

	for (unsigned action = 0; action < DELTA_ACTIONS; action++) {
		count += delta->vrps[action].count + delta->keys[action].count;
	}
	return count == 0;
}

const struct vrp *
delta_vrp(const struct delta *delta, enum delta_action action, size_t i)
{
	const struct vrp *vrps = delta->vrps[action].at;

	assert(i < delta->vrps[action].count);
	return &vrps[i];
}

const struct router_key *
delta_router_key(const struct delta *delta, enum delta_action action, size_t i)
{
	const struct router_key *keys = delta->keys[action].at;

	assert(i < delta->keys[action].count);
	return &keys[i];
}

size_t
delta_aspas(const struct delta *delta)
{
	return delta->aspa_count;
}

const struct delta_aspa *
delta_aspa(const struct delta *delta, size_t i)
{
	assert(i < delta->aspa_count);
	return &delta->aspas[i];
}
