/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to rsc_decode(); what it lets through has
 * names for files and is covered by what it says. */
#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "object/rsc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "rsc", NULL };

static bool
same(const struct rsc_entry *a, const struct rsc_entry *b)
{
	return bytes_equal(a->name, b->name) &&
	       (a->name.len > 0 ||
		   memcmp(a->hash.at, b->hash.at, HASH_SIZE) == 0);
}

static void
look(const struct rsc *rsc)
{
	assert(rsc->count > 0 && rsc->count <= LIMIT_RSC_ENTRIES);
	for (size_t i = 0; i < rsc->count; i++) {
		struct bytes name = rsc->entries[i].name;

		assert(name.len <= LIMIT_FILE_NAME);
		assert(name.len == 0 || memchr(name.at, '/', name.len) == NULL);
		for (size_t k = 0; k < i; k++) {
			assert(!same(&rsc->entries[k], &rsc->entries[i]));
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct rsc rsc;

	if (rsc_decode(&rsc, bytes_of(data, size), arena) == FAULT_NONE) {
		const struct cert ee = { .resources = rsc.resources };

		look(&rsc);
		assert(rsc_covered(&rsc, &ee) == FAULT_NONE);
	}
	arena_free(arena);
	return 0;
}
