/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to manifest_decode(); what it lets through
 * are names for files, each once, and one CRL among them. */
#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "object/kind.h"
#include "object/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "manifest", NULL };

static void
look(const struct manifest *manifest)
{
	assert(
	    manifest->count > 0 && manifest->count <= LIMIT_MANIFEST_ENTRIES);
	assert(manifest->this_update <= manifest->next_update);
	for (size_t i = 0; i < manifest->count; i++) {
		struct bytes name = manifest->entries[i].name;

		assert(name.len > 4 && name.len <= LIMIT_FILE_NAME);
		assert(memchr(name.at, '/', name.len) == NULL);
		assert(
		    (kind_of_name(name) == KIND_CRL) == (i == manifest->crl));
		assert(manifest_names_itself(manifest, name) ==
		       FAULT_MANIFEST_SELF);
		for (size_t k = 0; k < i; k++) {
			assert(!bytes_equal(manifest->entries[k].name, name));
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cert ee = { .resources.v4.choice = RESOURCE_INHERIT };
	struct arena *arena = arena_new();
	struct manifest manifest;

	if (manifest_decode(&manifest, bytes_of(data, size), arena) ==
	    FAULT_NONE) {
		look(&manifest);
		assert(manifest_covered(&manifest, &ee) == FAULT_NONE);
	}
	arena_free(arena);
	return 0;
}
