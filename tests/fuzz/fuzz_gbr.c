/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to gbr_decode(); what it lets through is one
 * card, as it came. */
#include <assert.h>

#include "base/text.h"
#include "object/gbr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "gbr", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cert ee = { .resources.v4.choice = RESOURCE_INHERIT };
	struct bytes in = bytes_of(data, size);
	struct arena *arena = arena_new();
	struct gbr gbr;

	if (gbr_decode(&gbr, in, arena) == FAULT_NONE) {
		assert(gbr_covered(&gbr, &ee) == FAULT_NONE);
		assert(bytes_equal(gbr.card, in));
		assert(memchr(in.at, '\0', in.len) == NULL);
	}
	arena_free(arena);
	return 0;
}
