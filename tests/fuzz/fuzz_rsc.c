/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to rsc_decode(). */
#include "object/rsc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "rsc", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct rsc rsc;

	(void)rsc_decode(&rsc, bytes_of(data, size), arena);
	arena_free(arena);
	return 0;
}
