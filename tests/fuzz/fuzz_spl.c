/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to spl_decode(); what it lets through is sane
 * and in order. */
#include <assert.h>

#include "base/limits.h"
#include "object/spl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "spl", NULL };

static void
look(const struct spl *spl)
{
	assert(spl->asn != 0 && spl->count <= LIMIT_BLOCKS);
	for (size_t i = 0; i < spl->count; i++) {
		const struct ip_prefix *p = &spl->prefixes[i];

		assert(ip_prefix_sane(p));
		assert(i == 0 || ip_prefix_compare(p - 1, p) < 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct spl spl;

	if (spl_decode(&spl, bytes_of(data, size), arena) == FAULT_NONE) {
		const struct as_range own = { spl.asn, spl.asn };
		const struct cert ee = {
			.resources.as = { RESOURCE_LIST, 1, &own },
		};

		look(&spl);
		assert(spl_covered(&spl, &ee) == FAULT_NONE);
	}
	arena_free(arena);
	return 0;
}
