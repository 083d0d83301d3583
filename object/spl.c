/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spl - section 3 of the draft, read in the order it is written there.
 *
 *   RpkiSignedPrefixList          { version [0] DEFAULT 0, asID, prefixBlocks }
 *   AddressFamilyAddressPrefixes  { addressFamily, addressPrefixes }
 */
#include "object/spl.h"

#include <string.h>

#include "base/limits.h"
#include "object/der.h"

static void
read_prefix(struct der *list, unsigned family, struct ip_prefix *out)
{
	struct der_bits addr = der_bits(list);

	if (addr.bits > ip_bits(family)) {
		der_fail(list, FAULT_SPL_ADDRESS);
		return;
	}
	out->family = (uint8_t)family;
	out->length = (uint8_t)addr.bits;
	if (addr.octets.len > 0) {
		memcpy(out->address, addr.octets.at, addr.octets.len);
	}
}

/* A family, which must come after `last`; returns which one it is. */
static unsigned
read_block(struct der *blocks, unsigned last, struct ip_prefix *all,
    size_t *count)
{
	struct der block = der_enter(blocks, DER_SEQUENCE);
	struct bytes afi = der_octets(&block);
	struct der list = der_enter(&block, DER_SEQUENCE);
	size_t first = *count;
	unsigned family;

	der_close(&block);
	if (afi.len != 2 || afi.at[0] != 0 || afi.at[1] <= last ||
	    afi.at[1] > IP_V6) {
		der_fail(blocks, FAULT_SPL_FAMILY);
		return last;
	}
	family = afi.at[1];
	if (!der_more(&list)) {
		der_fail(blocks, FAULT_SPL_EMPTY);
	}
	while (der_more(&list)) {
		struct ip_prefix *p = &all[(*count)++];

		read_prefix(&list, family, p);
		if (der_fine(&list) && *count - first > 1 &&
		    ip_prefix_compare(p - 1, p) >= 0) {
			der_fail(&list, FAULT_SPL_ORDER);
		}
	}
	return family;
}

enum fault
spl_decode(struct spl *spl, struct bytes content, struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(content, &fault);
	struct der seq = der_enter(&top, DER_SEQUENCE);
	struct ip_prefix *all;
	unsigned family = 0;
	struct der blocks;
	size_t n;

	*spl = (struct spl){ 0 };
	der_version_zero(&seq, FAULT_SPL_VERSION);
	spl->asn = (uint32_t)der_within(&seq, UINT32_MAX, FAULT_SPL_ASID);
	if (spl->asn == 0) {
		der_fail(&seq, FAULT_SPL_ASID);
	}
	blocks = der_enter(&seq, DER_SEQUENCE);
	der_close(&seq);
	der_close(&top);
	n = der_count_listed(blocks);
	if (n > LIMIT_BLOCKS) {
		der_fail(&blocks, FAULT_SPL_LIMIT);
	}
	if (!der_fine(&blocks)) {
		return fault;
	}
	all = arena_zero(arena, n, sizeof(*all));
	while (der_more(&blocks)) {
		family = read_block(&blocks, family, all, &spl->count);
	}
	spl->prefixes = all;
	return fault;
}

enum fault
spl_covered(const struct spl *spl, const struct cert *ee)
{
	const struct resources *r = &ee->resources;

	if (r->v4.choice != RESOURCE_ABSENT ||
	    r->v6.choice != RESOURCE_ABSENT) {
		return FAULT_SPL_EE_IP;
	}
	if (r->as.choice != RESOURCE_LIST ||
	    !resources_holds_asn(r, spl->asn)) {
		return FAULT_SPL_EE_AS;
	}
	return FAULT_NONE;
}
