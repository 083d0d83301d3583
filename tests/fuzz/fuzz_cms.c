/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to cms_open(); what it lets through lies
 * within them. */
#include <assert.h>

#include "object/cms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "cms", NULL };

static void
look(const struct cms *cms, struct bytes in)
{
	const uint8_t *end = in.at + in.len;

	assert(cms->type.len > 0 && cms->signature.len == 256);
	assert(cms->content.at >= in.at && cms->content.at <= end);
	assert(cms->content.len <= (size_t)(end - cms->content.at));
	assert(bytes_equal(cms->ee.der, cms->certificate));
	assert(cms->ee.kind == CERT_EE && cms->has_signing_time);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	struct arena *arena = arena_new();
	struct cms cms;

	if (cms_open(&cms, CMS_PROFILE_PUBLISHED, in, arena) == FAULT_NONE) {
		look(&cms, in);
	}
	if (cms_open(&cms, CMS_PROFILE_BARE, in, arena) == FAULT_NONE) {
		look(&cms, in);
	}
	arena_free(arena);
	return 0;
}
