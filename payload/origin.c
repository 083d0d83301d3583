/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the order of a set, a prefix comes before everything it covers. So each
 * prefix has at most one closest cover before it, its parent; and the covers
 * of any prefix are found by going to the last entry that does not come after
 * it and climbing from there. A table over the first 16 bits leaves little for
 * the search to do.
 */
#include "payload/origin.h"

#include <assert.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"

enum { FIRST_BITS = 1 << 16, FAMILIES = 2, NO_NODE = UINT32_MAX };

struct node {
	uint32_t first;  /* VRP */
	uint32_t parent; /* node, or NO_NODE */
};

struct origin_index {
	const struct snapshot *snapshot;
	size_t count;
	struct node *nodes; /* and one more, where the last one's VRPs end */
	/* The first node whose address begins with these bits, or later. */
	uint32_t *table[FAMILIES];
};

static const struct ip_prefix *
node_prefix(const struct origin_index *index, uint32_t node)
{
	return &snapshot_vrp(index->snapshot, index->nodes[node].first)->prefix;
}

static unsigned
first_bits(const struct ip_prefix *prefix)
{
	return (unsigned)prefix->address[0] << 8 | prefix->address[1];
}

static void
add_node(struct origin_index *index, uint32_t vrp)
{
	uint32_t node = (uint32_t)index->count;
	uint32_t parent = node == 0 ? NO_NODE : node - 1;

	index->nodes[node].first = vrp;
	while (
	    parent != NO_NODE && !ip_prefix_covers(node_prefix(index, parent),
				     node_prefix(index, node))) {
		parent = index->nodes[parent].parent;
	}
	index->nodes[node].parent = parent;
	index->count++;
}

static void
fill_tables(struct origin_index *index)
{
	uint32_t node = 0;

	for (unsigned family = 0; family < FAMILIES; family++) {
		uint32_t *table = mem_zero(FIRST_BITS + 1, sizeof(*table));

		for (unsigned bits = 0; bits <= FIRST_BITS; bits++) {
			while (node < index->count &&
			       node_prefix(index, node)->family ==
				   family + IP_V4 &&
			       first_bits(node_prefix(index, node)) < bits) {
				node++;
			}
			table[bits] = node;
		}
		index->table[family] = table;
	}
}

struct origin_index *
origin_new(const struct snapshot *snapshot)
{
	struct origin_index *index = mem_zero(1, sizeof(*index));
	size_t count = snapshot_vrps(snapshot);

	assert(count < NO_NODE);
	index->snapshot = snapshot_get(snapshot);
	index->nodes = mem_zero(count + 1, sizeof(*index->nodes));
	for (size_t i = 0; i < count; i++) {
		if (i == 0 ||
		    ip_prefix_compare(&snapshot_vrp(snapshot, i)->prefix,
			&snapshot_vrp(snapshot, i - 1)->prefix) != 0) {
			add_node(index, (uint32_t)i);
		}
	}
	index->nodes[index->count].first = (uint32_t)count;
	fill_tables(index);
	return index;
}

void
origin_free(struct origin_index *index)
{
	if (index == NULL) {
		return;
	}
	snapshot_put(index->snapshot);
	free(index->nodes);
	for (unsigned family = 0; family < FAMILIES; family++) {
		free(index->table[family]);
	}
	free(index);
}

const struct vrp *
origin_vrp(const struct origin_index *index, uint32_t i)
{
	return snapshot_vrp(index->snapshot, i);
}

const char *
origin_state_name(enum origin_state state)
{
	static const char *const names[] = {
		[ORIGIN_VALID] = "valid",
		[ORIGIN_INVALID] = "invalid",
		[ORIGIN_NOT_FOUND] = "not-found",
	};

	return names[state];
}

/* The longest prefix of the set that covers this one, or NO_NODE. */
static uint32_t
closest_cover(const struct origin_index *index, const struct ip_prefix *prefix)
{
	const uint32_t *table;
	uint32_t low, high, node;

	if (!ip_prefix_sane(prefix)) {
		return NO_NODE;
	}
	table = index->table[prefix->family - IP_V4];
	low = table[first_bits(prefix)];
	high = table[first_bits(prefix) + 1];
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ip_prefix_compare(node_prefix(index, middle), prefix) <=
		    0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	node = low == 0 ? NO_NODE : low - 1;
	while (node != NO_NODE &&
	       !ip_prefix_covers(node_prefix(index, node), prefix)) {
		node = index->nodes[node].parent;
	}
	return node;
}

enum match { MATCH, MISS_AS, MISS_LENGTH, MATCHES };

static enum match
match_vrp(const struct vrp *vrp, const struct ip_prefix *prefix, uint32_t asn)
{
	if (vrp->asn != asn || asn == 0) {
		return MISS_AS;
	}
	return prefix->length > vrp->max_length ? MISS_LENGTH : MATCH;
}

enum origin_state
origin_state(const struct origin_index *index, const struct ip_prefix *prefix,
    uint32_t asn)
{
	uint32_t node = closest_cover(index, prefix);

	if (node == NO_NODE) {
		return ORIGIN_NOT_FOUND;
	}
	for (; node != NO_NODE; node = index->nodes[node].parent) {
		for (uint32_t i = index->nodes[node].first;
		     i < index->nodes[node + 1].first; i++) {
			if (match_vrp(snapshot_vrp(index->snapshot, i), prefix,
				asn) == MATCH) {
				return ORIGIN_VALID;
			}
		}
	}
	return ORIGIN_INVALID;
}

/* All VRPs on the way up; counts only where there is no list yet. */
static void
collect(const struct origin_index *index, uint32_t node,
    const struct ip_prefix *prefix, uint32_t asn,
    struct origin_list lists[MATCHES])
{
	for (; node != NO_NODE; node = index->nodes[node].parent) {
		for (uint32_t i = index->nodes[node].first;
		     i < index->nodes[node + 1].first; i++) {
			enum match match =
			    match_vrp(snapshot_vrp(index->snapshot, i), prefix,
				asn);

			if (lists[match].at != NULL) {
				lists[match].at[lists[match].count] = i;
			}
			lists[match].count++;
		}
	}
}

struct origin_answer
origin_explain(const struct origin_index *index, const struct ip_prefix *prefix,
    uint32_t asn, struct arena *arena)
{
	uint32_t node = closest_cover(index, prefix);
	struct origin_list lists[MATCHES] = { { .at = NULL } };
	struct origin_answer answer = { .state = ORIGIN_NOT_FOUND };

	collect(index, node, prefix, asn, lists);
	for (unsigned match = 0; match < MATCHES; match++) {
		lists[match].at =
		    arena_zero(arena, lists[match].count + 1, sizeof(uint32_t));
		lists[match].count = 0;
	}
	collect(index, node, prefix, asn, lists);
	for (unsigned match = 0; match < MATCHES; match++) {
		qsort(lists[match].at, lists[match].count, sizeof(uint32_t),
		    array_by_u32);
	}
	answer.matched = lists[MATCH];
	answer.unmatched_as = lists[MISS_AS];
	answer.unmatched_length = lists[MISS_LENGTH];
	if (answer.matched.count != 0) {
		answer.state = ORIGIN_VALID;
	} else if (answer.unmatched_length.count != 0) {
		answer.state = ORIGIN_INVALID;
		answer.reason = ORIGIN_LENGTH;
	} else if (answer.unmatched_as.count != 0) {
		answer.state = ORIGIN_INVALID;
		answer.reason = ORIGIN_AS;
	}
	return answer;
}
