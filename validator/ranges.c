/* SPDX-License-Identifier: BSD-2-Clause */
/* ranges - see ranges.h. AS numbers travel as addresses that use only lo. */
#include "validator/ranges.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/map.h"
#include "base/mem.h"

/* One list: ranges of one family, or of AS numbers. */
struct list {
	size_t count, room;
	struct ip_range *ranges; /* AS numbers use lo */
};

enum { LIST_V4, LIST_V6, LIST_AS, LISTS };

static void
list_add(struct list *list, struct ip_range range)
{
	list->ranges = array_room(list->ranges, list->count, &list->room,
	    sizeof(*list->ranges));
	list->ranges[list->count++] = range;
}

int
ranges_compare(struct addr a, struct addr b)
{
	if (a.hi != b.hi) {
		return a.hi < b.hi ? -1 : 1;
	}
	return (a.lo > b.lo) - (a.lo < b.lo);
}

static int
range_compare(const void *left, const void *right)
{
	const struct ip_range *a = left;
	const struct ip_range *b = right;

	return ranges_compare(a->min, b->min);
}

static struct addr
addr_next(struct addr a)
{
	a.lo++;
	a.hi += a.lo == 0;
	return a;
}

/* Sort, and join what overlaps or touches. */
static void
list_normalise(struct list *list)
{
	size_t kept = 0;

	if (list->count == 0) {
		return;
	}
	qsort(list->ranges, list->count, sizeof(*list->ranges), range_compare);
	for (size_t i = 1; i < list->count; i++) {
		struct ip_range *last = &list->ranges[kept];
		const struct ip_range *r = &list->ranges[i];
		struct addr next = addr_next(last->max);

		if (ranges_compare(r->min, last->max) <= 0 ||
		    ranges_compare(r->min, next) == 0) {
			if (ranges_compare(r->max, last->max) > 0) {
				last->max = r->max;
			}
		} else {
			list->ranges[++kept] = *r;
		}
	}
	list->count = kept + 1;
}

struct ranges {
	struct list lists[LISTS];
	struct map *seen; /* where ranges stand that were added */
};

struct ranges *
ranges_new(void)
{
	struct ranges *ranges = mem_zero(1, sizeof(*ranges));

	ranges->seen = map_new();
	return ranges;
}

void
ranges_add_ip(struct ranges *ranges, unsigned family, struct ip_range range)
{
	list_add(&ranges->lists[family == IP_V4 ? LIST_V4 : LIST_V6], range);
}

void
ranges_add_as(struct ranges *ranges, struct as_range range)
{
	list_add(&ranges->lists[LIST_AS],
	    (struct ip_range){ { 0, range.min }, { 0, range.max } });
}

/* How many of these are new here: all or none. */
static size_t
fresh(struct ranges *ranges, const void *at, size_t count)
{
	return count > 0 && map_set(ranges->seen, bytes_of(&at, sizeof(at)),
				ranges) == NULL
		   ? count
		   : 0;
}

void
ranges_add(struct ranges *ranges, const struct resources *resources)
{
	const struct ip_set *v4 = &resources->v4, *v6 = &resources->v6;
	const struct as_set *as = &resources->as;
	size_t count = fresh(ranges, v4->ranges, v4->count);

	for (size_t i = 0; i < count; i++) {
		ranges_add_ip(ranges, IP_V4, v4->ranges[i]);
	}
	count = fresh(ranges, v6->ranges, v6->count);
	for (size_t i = 0; i < count; i++) {
		ranges_add_ip(ranges, IP_V6, v6->ranges[i]);
	}
	count = fresh(ranges, as->ranges, as->count);
	for (size_t i = 0; i < count; i++) {
		ranges_add_as(ranges, as->ranges[i]);
	}
}

static struct ip_set
ip_set_of(struct list *list, struct arena *arena)
{
	struct bytes b;

	list_normalise(list);
	b = bytes_of(list->ranges, list->count * sizeof(*list->ranges));
	return (struct ip_set){
		.choice = list->count > 0 ? RESOURCE_LIST : RESOURCE_ABSENT,
		.count = list->count,
		.ranges = list->count > 0
			      ? (const void *)arena_copy(arena, b).at
			      : NULL,
	};
}

static struct as_set
as_set_of(struct list *list, struct arena *arena)
{
	struct as_range *ranges;

	list_normalise(list);
	ranges = arena_zero(arena, list->count + 1, sizeof(*ranges));
	for (size_t i = 0; i < list->count; i++) {
		ranges[i].min = (uint32_t)list->ranges[i].min.lo;
		ranges[i].max = (uint32_t)list->ranges[i].max.lo;
	}
	return (struct as_set){
		.choice = list->count > 0 ? RESOURCE_LIST : RESOURCE_ABSENT,
		.count = list->count,
		.ranges = ranges,
	};
}

void
ranges_seal(struct ranges *ranges, struct resources *out, struct arena *arena)
{
	out->v4 = ip_set_of(&ranges->lists[LIST_V4], arena);
	out->v6 = ip_set_of(&ranges->lists[LIST_V6], arena);
	out->as = as_set_of(&ranges->lists[LIST_AS], arena);
	for (unsigned i = 0; i < LISTS; i++) {
		free(ranges->lists[i].ranges);
	}
	map_free(ranges->seen);
	free(ranges);
}

static struct addr
addr_of(const struct ip_prefix *p)
{
	struct addr a = { 0 };

	for (unsigned i = 0; i < ip_bits(p->family) / 8; i++) {
		a.hi = a.hi << 8 | a.lo >> 56;
		a.lo = a.lo << 8 | p->address[i];
	}
	return a;
}

struct ip_range
ranges_of_prefix(const struct ip_prefix *p)
{
	struct ip_range r = { .min = addr_of(p), .max = addr_of(p) };
	unsigned host = ip_bits(p->family) - p->length;

	if (host >= 64) {
		r.max.lo = UINT64_MAX;
		host -= 64;
		r.max.hi |= host == 64 ? UINT64_MAX : ((uint64_t)1 << host) - 1;
	} else {
		r.max.lo |= ((uint64_t)1 << host) - 1;
	}
	return r;
}
