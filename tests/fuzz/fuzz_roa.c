/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to roa_decode(); what it lets through is sane
 * and covered by exactly what it names. */
#include <assert.h>

#include "base/limits.h"
#include "object/roa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "roa", NULL };

static void
look(const struct roa *roa)
{
	assert(roa->count > 0 && roa->count <= LIMIT_BLOCKS);
	for (size_t i = 0; i < roa->count; i++) {
		const struct roa_prefix *p = &roa->prefixes[i];

		assert(ip_prefix_sane(&p->prefix));
		assert(p->max_length >= p->prefix.length);
		assert(p->max_length <= ip_bits(p->prefix.family));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ip_range all[] = { { { 0, 0 },
	    { UINT64_MAX, UINT64_MAX } } };
	static const struct ip_range v4[] = { { { 0, 0 }, { 0, UINT32_MAX } } };
	const struct cert ee = {
		.resources = { .v4 = { RESOURCE_LIST, 1, v4 },
		    .v6 = { RESOURCE_LIST, 1, all } },
	};
	struct arena *arena = arena_new();
	struct roa roa;

	if (roa_decode(&roa, bytes_of(data, size), arena) == FAULT_NONE) {
		look(&roa);
		assert(roa_covered(&roa, &ee) == FAULT_NONE);
	}
	arena_free(arena);
	return 0;
}
