/* SPDX-License-Identifier: BSD-2-Clause */
/* resources - see resources.h. What sets are to each other, and their octets;
 * the extensions are read in resources_read.c, text in resources_text.c. */
#include "object/resources.h"

#include <assert.h>

#include "base/cursor.h"
#include "base/limits.h"

/* The first range that ends at or after `at`; count when there is none. */
static size_t
ip_find(const struct ip_set *set, struct addr at)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (resources_order(set->ranges[middle].max, at) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static size_t
as_find(const struct as_set *set, uint32_t at)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->ranges[middle].max < at) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static bool
ip_holds(const struct ip_set *set, const struct ip_range *range)
{
	size_t i = ip_find(set, range->min);

	return i < set->count &&
	       resources_order(set->ranges[i].min, range->min) <= 0 &&
	       resources_order(range->max, set->ranges[i].max) <= 0;
}

/* Neither set has neighbours that touch, so each inner range lies within one
 * outer range. */
static bool
ip_within(const struct ip_set *inner, const struct ip_set *outer)
{
	if (inner->choice == RESOURCE_ABSENT) {
		return true;
	}
	if (inner->choice != RESOURCE_LIST || outer->choice != RESOURCE_LIST) {
		return false;
	}
	for (size_t i = 0; i < inner->count; i++) {
		if (!ip_holds(outer, &inner->ranges[i])) {
			return false;
		}
	}
	return true;
}

static bool
as_within(const struct as_set *inner, const struct as_set *outer)
{
	if (inner->choice == RESOURCE_ABSENT) {
		return true;
	}
	if (inner->choice != RESOURCE_LIST || outer->choice != RESOURCE_LIST) {
		return false;
	}
	for (size_t i = 0; i < inner->count; i++) {
		size_t o = as_find(outer, inner->ranges[i].min);

		if (o == outer->count ||
		    outer->ranges[o].min > inner->ranges[i].min ||
		    outer->ranges[o].max < inner->ranges[i].max) {
			return false;
		}
	}
	return true;
}

static enum fault
ip_effective(struct ip_set *out, const struct ip_set *own,
    const struct ip_set *issuer)
{
	*out = own->choice == RESOURCE_INHERIT ? *issuer : *own;
	return own->choice == RESOURCE_INHERIT || ip_within(own, issuer)
		   ? FAULT_NONE
		   : FAULT_RESOURCES_OVERCLAIM;
}

static enum fault
as_effective(struct as_set *out, const struct as_set *own,
    const struct as_set *issuer)
{
	*out = own->choice == RESOURCE_INHERIT ? *issuer : *own;
	return own->choice == RESOURCE_INHERIT || as_within(own, issuer)
		   ? FAULT_NONE
		   : FAULT_RESOURCES_OVERCLAIM;
}

enum fault
resources_effective(struct resources *out, const struct resources *own,
    const struct resources *issuer)
{
	struct resources result;
	enum fault fault = ip_effective(&result.v4, &own->v4, &issuer->v4);

	if (fault == FAULT_NONE) {
		fault = ip_effective(&result.v6, &own->v6, &issuer->v6);
	}
	if (fault == FAULT_NONE) {
		fault = as_effective(&result.as, &own->as, &issuer->as);
	}
	if (fault == FAULT_NONE) {
		*out = result;
	}
	return fault;
}

bool
resources_within(const struct resources *inner, const struct resources *outer)
{
	return ip_within(&inner->v4, &outer->v4) &&
	       ip_within(&inner->v6, &outer->v6) &&
	       as_within(&inner->as, &outer->as);
}

size_t
resources_blocks(const struct resources *r)
{
	size_t most = r->v4.count > r->v6.count ? r->v4.count : r->v6.count;

	return most > r->as.count ? most : r->as.count;
}

bool
resources_any_inherit(const struct resources *r)
{
	return r->v4.choice == RESOURCE_INHERIT ||
	       r->v6.choice == RESOURCE_INHERIT ||
	       r->as.choice == RESOURCE_INHERIT;
}

bool
resources_empty(const struct resources *r)
{
	return r->v4.choice == RESOURCE_ABSENT &&
	       r->v6.choice == RESOURCE_ABSENT &&
	       r->as.choice == RESOURCE_ABSENT;
}

static uint64_t
big_endian(const uint8_t *at, size_t octets)
{
	uint64_t value = 0;

	for (size_t i = 0; i < octets; i++) {
		value = value << 8 | at[i];
	}
	return value;
}

/* The addresses of a prefix; /0 shifts by the whole width, /128 by none. */
static struct ip_range
range_of(const struct ip_prefix *prefix)
{
	struct ip_range range;
	unsigned host = ip_bits(prefix->family) - prefix->length;
	uint64_t low = host >= 64 ? UINT64_MAX : ((uint64_t)1 << host) - 1;
	uint64_t high = host <= 64    ? 0
			: host == 128 ? UINT64_MAX
				      : ((uint64_t)1 << (host - 64)) - 1;

	assert(ip_prefix_sane(prefix));
	if (prefix->family == IP_V4) {
		range.min = (struct addr){ 0, big_endian(prefix->address, 4) };
	} else {
		range.min = (struct addr){ big_endian(prefix->address, 8),
			big_endian(prefix->address + 8, 8) };
	}
	range.max = (struct addr){ range.min.hi | high, range.min.lo | low };
	return range;
}

static const struct ip_set *
set_of(const struct resources *r, unsigned family)
{
	return family == IP_V4 ? &r->v4 : &r->v6;
}

bool
resources_all_inherit(const struct resources *r)
{
	return !resources_empty(r) && r->v4.choice != RESOURCE_LIST &&
	       r->v6.choice != RESOURCE_LIST && r->as.choice != RESOURCE_LIST;
}

bool
resources_holds_prefix(const struct resources *r,
    const struct ip_prefix *prefix)
{
	struct ip_range range = range_of(prefix);

	return ip_holds(set_of(r, prefix->family), &range);
}

bool
resources_holds_asn(const struct resources *r, uint32_t asn)
{
	size_t i = as_find(&r->as, asn);

	return i < r->as.count && r->as.ranges[i].min <= asn;
}

bool
resources_touches_prefix(const struct resources *r,
    const struct ip_prefix *prefix)
{
	const struct ip_set *set = set_of(r, prefix->family);
	struct ip_range range;
	size_t i;

	if (set->count == 0) {
		return false;
	}
	range = range_of(prefix);
	i = ip_find(set, range.min);
	return i < set->count &&
	       resources_order(set->ranges[i].min, range.max) <= 0;
}

static void
put_address(struct octets *out, struct addr a, unsigned family)
{
	if (family == IP_V4) {
		octets_u32(out, (uint32_t)a.lo);
		return;
	}
	octets_u64(out, a.hi);
	octets_u64(out, a.lo);
}

static void
put_ip(struct octets *out, const struct ip_set *set, unsigned family)
{
	octets_u8(out, (uint8_t)set->choice);
	octets_u32(out, (uint32_t)set->count);
	for (size_t i = 0; i < set->count; i++) {
		put_address(out, set->ranges[i].min, family);
		put_address(out, set->ranges[i].max, family);
	}
}

void
resources_encode(struct octets *out, const struct resources *r)
{
	put_ip(out, &r->v4, IP_V4);
	put_ip(out, &r->v6, IP_V6);
	octets_u8(out, (uint8_t)r->as.choice);
	octets_u32(out, (uint32_t)r->as.count);
	for (size_t i = 0; i < r->as.count; i++) {
		octets_u32(out, r->as.ranges[i].min);
		octets_u32(out, r->as.ranges[i].max);
	}
}

static struct addr
take_address(struct cursor *c, unsigned family)
{
	struct addr a = { 0, 0 };

	if (family == IP_V6) {
		a.hi = cursor_u64(c);
		a.lo = cursor_u64(c);
	} else {
		a.lo = cursor_u32(c);
	}
	return a;
}

/* The choice and the count; a list and only a list has elements. */
static size_t
take_head(struct cursor *c, enum resource_choice *choice, size_t each)
{
	uint8_t which = cursor_u8(c);
	size_t count = cursor_count(c, each);

	if (which > RESOURCE_LIST || (which == RESOURCE_LIST) != (count > 0)) {
		cursor_fail(c);
		which = RESOURCE_ABSENT;
	}
	*choice = (enum resource_choice)which;
	return c->bad ? 0 : count;
}

static void
take_ip(struct ip_set *set, unsigned family, struct cursor *c,
    struct arena *arena)
{
	struct ip_range *ranges = NULL;

	set->count = take_head(c, &set->choice, family == IP_V4 ? 8 : 32);
	if (set->count > 0) {
		ranges = arena_zero(arena, set->count, sizeof(*ranges));
	}
	for (size_t i = 0; i < set->count; i++) {
		ranges[i].min = take_address(c, family);
		ranges[i].max = take_address(c, family);
		if (resources_order(ranges[i].min, ranges[i].max) > 0 ||
		    (i > 0 && resources_order(ranges[i].min,
				  ranges[i - 1].max) <= 0)) {
			cursor_fail(c);
		}
	}
	set->ranges = ranges;
}

static void
take_as(struct as_set *set, struct cursor *c, struct arena *arena)
{
	struct as_range *ranges = NULL;

	set->count = take_head(c, &set->choice, 8);
	if (set->count > 0) {
		ranges = arena_zero(arena, set->count, sizeof(*ranges));
	}
	for (size_t i = 0; i < set->count; i++) {
		ranges[i].min = cursor_u32(c);
		ranges[i].max = cursor_u32(c);
		if (ranges[i].min > ranges[i].max ||
		    (i > 0 && ranges[i].min <= ranges[i - 1].max)) {
			cursor_fail(c);
		}
	}
	set->ranges = ranges;
}

bool
resources_decode(struct resources *r, struct bytes in, struct arena *arena)
{
	struct cursor c = cursor_open(in);

	*r = (struct resources){ 0 };
	take_ip(&r->v4, IP_V4, &c, arena);
	take_ip(&r->v6, IP_V6, &c, arena);
	take_as(&r->as, &c, arena);
	return cursor_end(&c);
}
