/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to roa_decode(). */
#include "object/roa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "roa", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct roa roa;

	(void)roa_decode(&roa, bytes_of(data, size), arena);
	arena_free(arena);
	return 0;
}
