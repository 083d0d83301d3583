/* SPDX-License-Identifier: BSD-2-Clause */
/* resources_text - resources as people write them. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"
#include "base/text.h"
#include "object/resources.h"

static void
split(struct addr a, unsigned family, uint8_t out[16])
{
	memset(out, 0, 16);
	for (unsigned i = 0; i < 8; i++) {
		if (family == IP_V6) {
			out[i] = (uint8_t)(a.hi >> (56 - 8 * i));
			out[8 + i] = (uint8_t)(a.lo >> (56 - 8 * i));
		} else if (i < 4) {
			out[i] = (uint8_t)(a.lo >> (24 - 8 * i));
		}
	}
}

static struct addr
join(const uint8_t in[16], unsigned family)
{
	struct addr a = { 0, 0 };

	for (unsigned i = 0; i < ip_bits(family) / 8; i++) {
		a.hi = a.hi << 8 | a.lo >> 56;
		a.lo = a.lo << 8 | in[i];
	}
	return a;
}

/* The prefix length when a range is one, -1 otherwise. */
static int
length_of(const struct ip_range *range, unsigned family)
{
	uint64_t hi = range->min.hi ^ range->max.hi;
	uint64_t lo = range->min.lo ^ range->max.lo;
	unsigned host;

	if ((hi & (hi + 1)) != 0 || (lo & (lo + 1)) != 0 ||
	    (hi != 0 && lo != UINT64_MAX) || (range->min.hi & hi) != 0 ||
	    (range->min.lo & lo) != 0) {
		return -1;
	}
	host = (unsigned)(__builtin_popcountll(hi) + __builtin_popcountll(lo));
	return (int)(ip_bits(family) - host);
}

static void
separate(struct octets *out, size_t from)
{
	if (out->len > from) {
		octets_printf(out, ", ");
	}
}

static void
put_ip(struct octets *out, const struct ip_set *set, unsigned family,
    size_t from)
{
	char text[IP_TEXT];

	if (set->choice == RESOURCE_INHERIT) {
		separate(out, from);
		octets_printf(out, "IPv%u inherit", family == IP_V4 ? 4 : 6);
	}
	for (size_t i = 0; i < set->count; i++) {
		int length = length_of(&set->ranges[i], family);
		uint8_t address[16];

		separate(out, from);
		split(set->ranges[i].min, family, address);
		ip_address_text(address, family, text);
		octets_printf(out, "%s", text);
		if (length >= 0) {
			octets_printf(out, "/%d", length);
			continue;
		}
		split(set->ranges[i].max, family, address);
		ip_address_text(address, family, text);
		octets_printf(out, "-%s", text);
	}
}

void
resources_text(struct octets *out, const struct resources *r)
{
	size_t from = out->len;

	put_ip(out, &r->v4, IP_V4, from);
	put_ip(out, &r->v6, IP_V6, from);
	if (r->as.choice == RESOURCE_INHERIT) {
		separate(out, from);
		octets_printf(out, "AS inherit");
	}
	for (size_t i = 0; i < r->as.count; i++) {
		const struct as_range *range = &r->as.ranges[i];

		separate(out, from);
		octets_printf(out, "AS%" PRIu32, range->min);
		if (range->max != range->min) {
			octets_printf(out, "-AS%" PRIu32, range->max);
		}
	}
}

/* What has been read so far, unsorted; [0] IPv4, [1] IPv6. */
struct reading {
	struct ip_range *ip[2];
	size_t ip_count[2], ip_room[2];
	struct as_range *as;
	size_t as_count, as_room;
};

static void
add_ip(struct reading *all, unsigned family, struct ip_range range)
{
	unsigned f = family - IP_V4;

	all->ip[f] = array_room(all->ip[f], all->ip_count[f], &all->ip_room[f],
	    sizeof(range));
	all->ip[f][all->ip_count[f]++] = range;
}

/* The highest address that shares `length` bits with this one. */
static struct addr
last_of(const struct ip_prefix *prefix)
{
	uint8_t octets[16];

	memcpy(octets, prefix->address, sizeof(octets));
	for (unsigned i = prefix->length; i < ip_bits(prefix->family); i++) {
		octets[i / 8] |= (uint8_t)(0x80 >> i % 8);
	}
	return join(octets, prefix->family);
}

static bool
read_as(struct reading *all, struct bytes word)
{
	struct bytes first = text_cut(&word, '-');
	struct as_range range;

	if (!text_asn(first, &range.min)) {
		return false;
	}
	range.max = range.min;
	if (word.len > 0 &&
	    (!text_asn(word, &range.max) || range.max < range.min)) {
		return false;
	}
	all->as =
	    array_room(all->as, all->as_count, &all->as_room, sizeof(range));
	all->as[all->as_count++] = range;
	return true;
}

static bool
read_ip(struct reading *all, struct bytes word)
{
	struct bytes first = text_cut(&word, '-');
	struct ip_prefix low, high;
	struct ip_range range;

	if (!ip_prefix_parse(&low, first, IP_LONE_ADDRESS)) {
		return false;
	}
	high = low;
	if (word.len > 0 &&
	    (low.length != ip_bits(low.family) ||
		!ip_prefix_parse(&high, word, IP_LONE_ADDRESS) ||
		high.length != ip_bits(high.family) ||
		high.family != low.family)) {
		return false;
	}
	range.min = join(low.address, low.family);
	range.max = last_of(&high);
	if (resources_order(range.min, range.max) > 0) {
		return false;
	}
	add_ip(all, low.family, range);
	return true;
}

static int
by_min_ip(const void *a, const void *b)
{
	const struct ip_range *x = a, *y = b;

	return resources_order(x->min, y->min);
}

static int
by_min_as(const void *a, const void *b)
{
	const struct as_range *x = a, *y = b;

	return x->min < y->min ? -1 : x->min > y->min;
}

/* Does b begin inside a or right behind it? a begins first. */
static bool
touch(struct addr end, struct addr begin)
{
	if (resources_order(begin, end) <= 0) {
		return true;
	}
	end.lo++;
	end.hi += end.lo == 0;
	return resources_order(begin, end) == 0;
}

static struct ip_set
seal_ip(struct ip_range *ranges, size_t count, struct arena *arena)
{
	size_t kept = 0;

	if (count == 0) {
		return (struct ip_set){ 0 };
	}
	qsort(ranges, count, sizeof(*ranges), by_min_ip);
	for (size_t i = 1; i < count; i++) {
		if (!touch(ranges[kept].max, ranges[i].min)) {
			ranges[++kept] = ranges[i];
		} else if (resources_order(ranges[kept].max, ranges[i].max) <
			   0) {
			ranges[kept].max = ranges[i].max;
		}
	}
	kept++;
	return (struct ip_set){ RESOURCE_LIST, kept,
		(const void *)arena_copy(arena,
		    bytes_of(ranges, kept * sizeof(*ranges)))
		    .at };
}

static struct as_set
seal_as(struct as_range *ranges, size_t count, struct arena *arena)
{
	size_t kept = 0;

	if (count == 0) {
		return (struct as_set){ 0 };
	}
	qsort(ranges, count, sizeof(*ranges), by_min_as);
	for (size_t i = 1; i < count; i++) {
		if (ranges[kept].max != UINT32_MAX &&
		    ranges[i].min > ranges[kept].max + 1) {
			ranges[++kept] = ranges[i];
		} else if (ranges[kept].max < ranges[i].max) {
			ranges[kept].max = ranges[i].max;
		}
	}
	kept++;
	return (struct as_set){ RESOURCE_LIST, kept,
		(const void *)arena_copy(arena,
		    bytes_of(ranges, kept * sizeof(*ranges)))
		    .at };
}

static bool
is_blank(uint8_t c)
{
	return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool
resources_text_read(struct resources *r, struct bytes text, struct arena *arena)
{
	struct reading all = { 0 };
	bool good = true;
	size_t at = 0;

	while (good && at < text.len) {
		size_t from = at;
		struct bytes word;

		while (at < text.len && !is_blank(text.at[at])) {
			at++;
		}
		word = bytes_of(text.at + from, at - from);
		good = word.len == 0 ||
		       (word.at[word.len - 1] != '-' &&
			   (read_as(&all, word) || read_ip(&all, word)));
		at++;
	}
	*r = (struct resources){ 0 };
	if (good) {
		r->v4 = seal_ip(all.ip[0], all.ip_count[0], arena);
		r->v6 = seal_ip(all.ip[1], all.ip_count[1], arena);
		r->as = seal_as(all.as, all.as_count, arena);
	}
	free(all.ip[0]);
	free(all.ip[1]);
	free(all.as);
	return good;
}
