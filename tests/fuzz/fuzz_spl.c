/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to spl_decode(). */
#include "object/spl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "spl", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct spl spl;

	(void)spl_decode(&spl, bytes_of(data, size), arena);
	arena_free(arena);
	return 0;
}
