/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to manifest_decode(). */
#include "object/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "manifest", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct manifest manifest;

	(void)manifest_decode(&manifest, bytes_of(data, size), arena);
	arena_free(arena);
	return 0;
}
