/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to tak_decode(). */
#include "object/tak.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "tak", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct tak tak;

	(void)tak_decode(&tak, bytes_of(data, size), arena);
	arena_free(arena);
	return 0;
}
