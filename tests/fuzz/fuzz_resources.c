/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as each extension of RFC 3779, as the store's form and as text:
 * what is taken can be written in both forms, is the same when it is read
 * again, and holds what it says it holds.
 */
#include <assert.h>

#include "object/resources.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "resources", NULL };

static void
check_octets(const struct resources *r, struct arena *arena)
{
	struct octets out = { 0 }, again = { 0 };
	struct resources back;

	resources_encode(&out, r);
	assert(resources_decode(&back, octets_bytes(&out), arena));
	resources_encode(&again, &back);
	assert(bytes_equal(octets_bytes(&out), octets_bytes(&again)));
	assert(resources_any_inherit(r) ||
	       (resources_within(r, &back) && resources_within(&back, r)));
	octets_clear(&out);
	octets_clear(&again);
}

/* People can write whatever is not inherited. */
static void
check_text(const struct resources *r, struct arena *arena)
{
	struct octets out = { 0 };
	struct resources back;

	resources_text(&out, r);
	if (!resources_any_inherit(r)) {
		assert(resources_text_read(&back, octets_bytes(&out), arena));
		assert(resources_within(r, &back));
		assert(resources_within(&back, r));
		assert(resources_blocks(r) == resources_blocks(&back));
	}
	octets_clear(&out);
}

static void
check_addresses(const struct resources *r, const struct ip_set *set,
    unsigned family)
{
	for (size_t i = 0; i < set->count; i++) {
		struct addr a = set->ranges[i].max;
		struct ip_prefix p = { .family = (uint8_t)family };

		p.length = (uint8_t)ip_bits(family);
		for (unsigned k = p.length / 8; k-- > 0;) {
			p.address[k] = (uint8_t)a.lo;
			a.lo = a.lo >> 8 | a.hi << 56;
			a.hi >>= 8;
		}
		assert(resources_holds_prefix(r, &p));
		assert(resources_touches_prefix(r, &p));
	}
}

static void
check_set(const struct resources *r, struct arena *arena)
{
	struct resources held;

	check_octets(r, arena);
	check_addresses(r, &r->v4, IP_V4);
	check_addresses(r, &r->v6, IP_V6);
	for (size_t i = 0; i < r->as.count; i++) {
		assert(resources_holds_asn(r, r->as.ranges[i].min));
		assert(resources_holds_asn(r, r->as.ranges[i].max));
	}
	assert(resources_effective(&held, r, r) == FAULT_NONE);
	assert(resources_any_inherit(r) || resources_within(&held, r));
	assert(!resources_all_inherit(r) || resources_blocks(r) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	struct arena *arena = arena_new();
	struct resources r = { 0 };
	struct oddities odd = { 0 };

	if (resources_read_ip(&r, in, &odd, arena) == FAULT_NONE) {
		assert(!resources_empty(&r));
		check_set(&r, arena);
		check_text(&r, arena);
	}
	r = (struct resources){ 0 };
	if (resources_read_as(&r, in, &odd, arena) == FAULT_NONE) {
		assert(!resources_empty(&r));
		check_set(&r, arena);
		check_text(&r, arena);
	}
	if (resources_decode(&r, in, arena)) {
		check_set(&r, arena);
	}
	if (resources_text_read(&r, in, arena)) {
		check_set(&r, arena);
		check_text(&r, arena);
	}
	arena_free(arena);
	return 0;
}
