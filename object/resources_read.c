/* SPDX-License-Identifier: BSD-2-Clause */
/* resources_read - the two extensions of RFC 3779, from DER to ranges. */
#include "base/limits.h"
#include "object/der.h"
#include "object/resources.h"

/* What one list of elements is read with. */
struct reading {
	struct oddities *odd;
	struct arena *arena;
};

/* The next address; the caller knows that there is one. */
static struct addr
next(struct addr a)
{
	a.lo++;
	a.hi += a.lo == 0;
	return a;
}

/* The one bits where a and b differ must be the lowest ones, for a prefix. */
static bool
is_prefix(const struct ip_range *range)
{
	struct addr differ = { range->min.hi ^ range->max.hi,
		range->min.lo ^ range->max.lo };
	struct addr above = next(differ);

	if ((differ.hi & above.hi) != 0 || (differ.lo & above.lo) != 0) {
		return false;
	}
	return (range->min.hi & differ.hi) == 0 &&
	       (range->min.lo & differ.lo) == 0;
}

/*
 * How many elements there are, so that they need one allocation. Zero (with a
 * fault) when the list is empty, too long or broken.
 */
static size_t
count_elements(struct der list)
{
	size_t count = 0;

	while (der_more(&list)) {
		der_skip(&list);
		count++;
	}
	if (count == 0) {
		der_fail(&list, FAULT_RESOURCES_EMPTY);
	}
	if (count > LIMIT_BLOCKS) {
		der_fail(&list, FAULT_RESOURCES_LIMIT);
	}
	return der_fine(&list) ? count : 0;
}

/* An address from its leading bits, the missing ones all zero or all one. */
static struct addr
address_of(struct der_bits bits, unsigned family, uint8_t missing)
{
	size_t octets = ip_bits(family) / 8;
	struct addr a = { 0, 0 };

	for (size_t i = 0; i < octets; i++) {
		uint8_t octet = missing;

		if (i < bits.octets.len) {
			unsigned known = bits.bits - (unsigned)i * 8;

			octet = bits.octets.at[i];
			if (known < 8) {
				octet |= missing & (0xffu >> known);
			}
		}
		a.hi = a.hi << 8 | a.lo >> 56;
		a.lo = a.lo << 8 | octet;
	}
	return a;
}

static struct der_bits
read_bits(struct der *d, unsigned family)
{
	struct der_bits bits = der_bits(d);

	if (bits.bits > ip_bits(family)) {
		der_fail(d, FAULT_RESOURCES_LENGTH);
		return (struct der_bits){ 0 };
	}
	return bits;
}

/* Is the last bit there is this one, where DER would leave it out? */
static bool
ends_with(struct der_bits bits, unsigned bit)
{
	unsigned unused = (unsigned)bits.octets.len * 8 - bits.bits;

	return bits.bits > 0 &&
	       (bits.octets.at[bits.octets.len - 1] >> unused & 1) == bit;
}

static struct ip_range
read_range(struct der *list, unsigned family, const struct reading *with)
{
	struct der d = der_enter(list, DER_SEQUENCE);
	struct der_bits min = read_bits(&d, family);
	struct der_bits max = read_bits(&d, family);
	struct ip_range range = {
		address_of(min, family, 0),
		address_of(max, family, 0xff),
	};

	der_close(&d);
	if (!der_fine(&d)) {
		return range;
	}
	if (resources_order(range.min, range.max) > 0) {
		der_fail(&d, FAULT_RESOURCES_REVERSED);
	}
	if (is_prefix(&range)) {
		der_fail(&d, FAULT_RESOURCES_PREFIX_RANGE);
	}
	if (ends_with(min, 0) || ends_with(max, 1)) {
		fault_note(with->odd, FAULT_RESOURCES_RANGE_BITS);
	}
	return range;
}

static struct ip_range
read_ip_element(struct der *list, unsigned family, const struct reading *with)
{
	struct der_bits bits;

	if (der_next_is(list, DER_SEQUENCE)) {
		return read_range(list, family, with);
	}
	bits = read_bits(list, family);
	return (struct ip_range){
		address_of(bits, family, 0),
		address_of(bits, family, 0xff),
	};
}

/* A range must stand behind the one before it and not touch it. */
static void
follow_ip(const struct der *list, const struct ip_range *before,
    const struct ip_range *range)
{
	if (resources_order(range->min, before->max) <= 0) {
		der_fail(list, FAULT_RESOURCES_ORDER);
	} else if (resources_order(range->min, next(before->max)) == 0) {
		der_fail(list, FAULT_RESOURCES_ADJACENT);
	}
}

static struct ip_set
read_ip_list(struct der *d, unsigned family, const struct reading *with)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	size_t room = count_elements(list);
	struct ip_range *ranges = NULL;
	size_t count = 0;

	if (room > 0) {
		ranges = arena_zero(with->arena, room, sizeof(*ranges));
	}
	while (der_more(&list)) {
		ranges[count] = read_ip_element(&list, family, with);
		if (count > 0) {
			follow_ip(&list, &ranges[count - 1], &ranges[count]);
		}
		count++;
	}
	return (struct ip_set){ RESOURCE_LIST, count, ranges };
}

static struct ip_set
read_ip_choice(struct der *d, unsigned family, const struct reading *with)
{
	if (der_next_is(d, DER_NULL)) {
		der_null(d);
		return (struct ip_set){ .choice = RESOURCE_INHERIT };
	}
	return read_ip_list(d, family, with);
}

/* AFI 1 or 2 and nothing behind it; 0 otherwise. */
static unsigned
read_family(struct der *d)
{
	struct bytes afi = der_octets(d);

	if (!der_fine(d)) {
		return 0;
	}
	if (afi.len != 2 || afi.at[0] != 0 ||
	    (afi.at[1] != IP_V4 && afi.at[1] != IP_V6)) {
		der_fail(d, FAULT_RESOURCES_FAMILY);
		return 0;
	}
	return afi.at[1];
}

enum fault
resources_read_ip(struct resources *r, struct bytes extension,
    struct oddities *odd, struct arena *arena)
{
	const struct reading with = { odd, arena };
	enum fault fault = FAULT_NONE;
	struct der top = der_open(extension, &fault);
	struct der blocks = der_enter(&top, DER_SEQUENCE);
	unsigned before = 0;

	der_close(&top);
	if (der_fine(&blocks) && !der_more(&blocks)) {
		der_fail(&blocks, FAULT_RESOURCES_EMPTY);
	}
	while (der_more(&blocks)) {
		struct der d = der_enter(&blocks, DER_SEQUENCE);
		unsigned family = read_family(&d);
		struct ip_set set;

		if (der_fine(&d) && family <= before) {
			der_fail(&d, FAULT_RESOURCES_FAMILY_ORDER);
		}
		if (!der_fine(&d)) {
			break;
		}
		set = read_ip_choice(&d, family, &with);
		der_close(&d);
		*(family == IP_V4 ? &r->v4 : &r->v6) = set;
		before = family;
	}
	return fault;
}

static uint32_t
read_asn(struct der *d)
{
	return (uint32_t)der_within(d, UINT32_MAX, FAULT_RESOURCES_ASN);
}

static struct as_range
read_as_element(struct der *list)
{
	struct as_range range;
	struct der d;

	if (!der_next_is(list, DER_SEQUENCE)) {
		range.min = read_asn(list);
		range.max = range.min;
		return range;
	}
	d = der_enter(list, DER_SEQUENCE);
	range.min = read_asn(&d);
	range.max = read_asn(&d);
	der_close(&d);
	if (range.min >= range.max) {
		der_fail(&d, FAULT_RESOURCES_REVERSED);
	}
	return range;
}

static void
follow_as(const struct der *list, const struct as_range *before,
    const struct as_range *range)
{
	if (range->min <= before->max) {
		der_fail(list, FAULT_RESOURCES_ORDER);
	} else if (range->min == before->max + 1) {
		der_fail(list, FAULT_RESOURCES_ADJACENT);
	}
}

static struct as_set
read_as_list(struct der *d, const struct reading *with)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	size_t room = count_elements(list);
	struct as_range *ranges = NULL;
	size_t count = 0;

	if (room > 0) {
		ranges = arena_zero(with->arena, room, sizeof(*ranges));
	}
	while (der_more(&list)) {
		ranges[count] = read_as_element(&list);
		if (count > 0) {
			follow_as(&list, &ranges[count - 1], &ranges[count]);
		}
		count++;
	}
	return (struct as_set){ RESOURCE_LIST, count, ranges };
}

enum fault
resources_read_as(struct resources *r, struct bytes extension,
    struct oddities *odd, struct arena *arena)
{
	const struct reading with = { odd, arena };
	enum fault fault = FAULT_NONE;
	struct der top = der_open(extension, &fault);
	struct der identifiers = der_enter(&top, DER_SEQUENCE);
	struct der asnum;

	der_close(&top);
	if (der_next_is(&identifiers, DER_CONTEXT_1)) {
		der_fail(&identifiers, FAULT_RESOURCES_RDI);
	}
	if (der_fine(&identifiers) && !der_more(&identifiers)) {
		der_fail(&identifiers, FAULT_RESOURCES_EMPTY);
	}
	asnum = der_enter(&identifiers, DER_CONTEXT_0);
	if (der_next_is(&asnum, DER_NULL)) {
		der_null(&asnum);
		r->as = (struct as_set){ .choice = RESOURCE_INHERIT };
	} else {
		r->as = read_as_list(&asnum, &with);
	}
	der_close(&asnum);
	if (der_next_is(&identifiers, DER_CONTEXT_1)) {
		der_fail(&identifiers, FAULT_RESOURCES_RDI);
	}
	der_close(&identifiers);
	return fault;
}
