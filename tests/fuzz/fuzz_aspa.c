/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to aspa_decode(). */
#include "object/aspa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "aspa", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct aspa_object aspa;

	(void)aspa_decode(&aspa, bytes_of(data, size), arena);
	arena_free(arena);
	return 0;
}
