/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to locator_read(). */
#include "validator/locator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "tal", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct tal tal;
	unsigned line;

	(void)locator_read(&tal, bytes_of(data, size), &line, arena);
	arena_free(arena);
	return 0;
}
