/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * roa - RFC 9582 section 4, read in the order it is written there.
 *
 *   RouteOriginAttestation  { version [0] DEFAULT 0, asID, ipAddrBlocks }
 *   ROAIPAddressFamily      { addressFamily, addresses }
 *   ROAIPAddress            { address, maxLength OPTIONAL }
 */
#include "object/roa.h"

#include <string.h>

#include "base/limits.h"
#include "object/der.h"

static enum ip_family
read_family(struct der *block)
{
	struct bytes b = der_octets(block);

	if (b.len == 2 && b.at[0] == 0 &&
	    (b.at[1] == IP_V4 || b.at[1] == IP_V6)) {
		return (enum ip_family)b.at[1];
	}
	der_fail(block, FAULT_ROA_FAMILY);
	return IP_V4;
}

/* ::ffff:0:0/96 and what is in it (RFC 4291 2.5.5.2). */
static bool
is_mapped(const struct ip_prefix *prefix)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return prefix->family == IP_V6 && prefix->length >= 96 &&
	       memcmp(prefix->address, mapped, sizeof(mapped)) == 0;
}

static void
read_address(struct der *list, enum ip_family family, struct roa_prefix *out)
{
	struct der item = der_enter(list, DER_SEQUENCE);
	struct der_bits addr = der_bits(&item);
	unsigned width = ip_bits(family);
	uint64_t max = addr.bits;

	if (addr.bits > width) {
		der_fail(list, FAULT_ROA_ADDRESS);
	}
	if (der_more(&item)) {
		max = der_within(&item, width, FAULT_ROA_MAXLEN);
	}
	der_close(&item);
	if (der_fine(&item) && max < addr.bits) {
		der_fail(list, FAULT_ROA_MAXLEN);
	}
	if (!der_fine(&item)) {
		return;
	}
	out->prefix.family = (uint8_t)family;
	out->prefix.length = (uint8_t)addr.bits;
	out->max_length = (uint8_t)max;
	if (addr.octets.len > 0) {
		memcpy(out->prefix.address, addr.octets.at, addr.octets.len);
	}
	if (is_mapped(&out->prefix)) {
		der_fail(list, FAULT_ROA_MAPPED);
	}
}

static void
read_block(struct der *blocks, struct roa *roa, unsigned *seen)
{
	struct der block = der_enter(blocks, DER_SEQUENCE);
	enum ip_family family = read_family(&block);
	struct der list = der_enter(&block, DER_SEQUENCE);

	der_close(&block);
	if ((*seen & 1u << family) != 0) {
		der_fail(blocks, FAULT_ROA_FAMILY);
	}
	*seen |= 1u << family;
	if (!der_more(&list)) {
		der_fail(blocks, FAULT_ROA_EMPTY);
	}
	while (der_more(&list)) {
		read_address(&list, family, &roa->prefixes[roa->count++]);
	}
}

enum fault
roa_decode(struct roa *roa, struct bytes content, struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	unsigned seen = 0;
	struct der top = der_open(content, &fault);
	struct der seq = der_enter(&top, DER_SEQUENCE);
	struct der blocks;
	size_t n;

	*roa = (struct roa){ 0 };
	der_version_zero(&seq, FAULT_ROA_VERSION);
	roa->asn = (uint32_t)der_within(&seq, UINT32_MAX, FAULT_ROA_ASID);
	blocks = der_enter(&seq, DER_SEQUENCE);
	der_close(&seq);
	der_close(&top);
	if (!der_more(&blocks)) {
		der_fail(&blocks, FAULT_ROA_EMPTY);
	}
	n = der_count_listed(blocks);
	if (n > LIMIT_BLOCKS) {
		der_fail(&blocks, FAULT_ROA_LIMIT);
	}
	if (!der_fine(&blocks)) {
		return fault;
	}
	roa->prefixes = arena_zero(arena, n, sizeof(*roa->prefixes));
	while (der_more(&blocks)) {
		read_block(&blocks, roa, &seen);
	}
	return fault;
}

enum fault
roa_covered(const struct roa *roa, const struct cert *ee)
{
	const struct resources *r = &ee->resources;

	if (r->as.choice != RESOURCE_ABSENT) {
		return FAULT_ROA_EE_AS;
	}
	if (resources_empty(r) || resources_any_inherit(r)) {
		return FAULT_ROA_EE_IP;
	}
	for (size_t i = 0; i < roa->count; i++) {
		if (!resources_holds_prefix(r, &roa->prefixes[i].prefix)) {
			return FAULT_ROA_UNCOVERED;
		}
	}
	return FAULT_NONE;
}
