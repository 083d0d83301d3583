/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to gbr_decode(). */
#include "object/gbr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "gbr", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct gbr gbr;

	(void)gbr_decode(&gbr, bytes_of(data, size), arena);
	arena_free(arena);
	return 0;
}
