/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to aspa_decode(); what it lets through is in
 * order. */
#include <assert.h>

#include "object/aspa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "aspa", NULL };

static void
look(const struct aspa_object *aspa)
{
	assert(aspa->customer != 0 && aspa->count > 0);
	for (size_t i = 0; i < aspa->count; i++) {
		assert(aspa->providers[i] != aspa->customer);
		assert(i == 0 || aspa->providers[i - 1] < aspa->providers[i]);
		assert(aspa->providers[i] != 0 || aspa->count == 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct aspa_object aspa;

	if (aspa_decode(&aspa, bytes_of(data, size), arena) == FAULT_NONE) {
		const struct as_range own = { aspa.customer, aspa.customer };
		const struct cert ee = {
			.resources.as = { RESOURCE_LIST, 1, &own },
		};

		look(&aspa);
		assert(aspa_covered(&aspa, &ee) == FAULT_NONE);
	}
	arena_free(arena);
	return 0;
}
