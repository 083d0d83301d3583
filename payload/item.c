/* SPDX-License-Identifier: BSD-2-Clause */
/* item - see item.h. */
#include "payload/item.h"

static int
order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int
item_vrp_compare(const struct vrp *a, const struct vrp *b)
{
	int by = order(a->prefix.family, b->prefix.family);

	if (by == 0) {
		by = order(ip_half(a->prefix.address),
		    ip_half(b->prefix.address));
	}
	if (by == 0) {
		by = order(ip_half(a->prefix.address + 8),
		    ip_half(b->prefix.address + 8));
	}
	if (by == 0) {
		by = order(a->prefix.length, b->prefix.length);
	}
	if (by == 0) {
		by = order(a->max_length, b->max_length);
	}
	return by != 0 ? by : order(a->asn, b->asn);
}

int
item_router_key_compare(const struct router_key *a, const struct router_key *b)
{
	int by = order(a->asn, b->asn);

	if (by == 0) {
		by = memcmp(a->ski.at, b->ski.at, KEYID_SIZE);
	}
	if (by == 0) {
		by = order(a->spki_len, b->spki_len);
	}
	if (by == 0 && a->spki_len != 0) {
		by = memcmp(a->spki, b->spki, a->spki_len);
	}
	return by;
}

int
item_aspa_compare(const struct aspa *a, const struct aspa *b)
{
	return order(a->customer, b->customer);
}

int
item_compare(enum item_kind kind, const void *a, const void *b)
{
	switch (kind) {
	case ITEM_VRP:
		return item_vrp_compare(a, b);
	case ITEM_ROUTER_KEY:
		return item_router_key_compare(a, b);
	case ITEM_ASPA:
		return item_aspa_compare(a, b);
	case ITEM_KINDS:
		break;
	}
	return 0;
}

bool
item_vrp_sane(const struct vrp *vrp)
{
	unsigned family = vrp->prefix.family;

	return (family == IP_V4 || family == IP_V6) &&
	       ip_prefix_sane(&vrp->prefix) &&
	       vrp->max_length >= vrp->prefix.length &&
	       vrp->max_length <= ip_bits(family);
}

void
item_vrp_put(struct octets *out, const struct vrp *vrp)
{
	octets_u8(out, vrp->prefix.family);
	octets_add(out, vrp->prefix.address, sizeof(vrp->prefix.address));
	octets_u8(out, vrp->prefix.length);
	octets_u8(out, vrp->max_length);
	octets_u32(out, vrp->asn);
}

void
item_providers_put(struct octets *out, const struct aspa *aspa)
{
	octets_u32(out, aspa->count);
	for (uint32_t i = 0; i < aspa->count; i++) {
		octets_u32(out, aspa->providers[i]);
	}
}

void
item_providers_read(struct cursor *c, struct aspa *aspa, struct arena *arena)
{
	uint32_t *providers;

	aspa->count = (uint32_t)cursor_count(c, 4);
	providers =
	    arena_zero(arena, aspa->count + (size_t)1, sizeof(*providers));
	for (uint32_t i = 0; i < aspa->count; i++) {
		providers[i] = cursor_u32(c);
	}
	aspa->providers = providers;
}
