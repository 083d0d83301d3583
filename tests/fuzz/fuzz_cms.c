/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to cms_open(). */
#include "object/cms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "cms", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct cms cms;

	(void)cms_open(&cms, CMS_PROFILE_PUBLISHED, bytes_of(data, size),
	    arena);
	arena_free(arena);
	return 0;
}
