/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to locator_read(); what it lets through says
 * where to go, and what it refuses, in which line. */
#include <assert.h>
#include <string.h>

#include "base/uri.h"
#include "validator/locator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "tal", NULL };

static void
look(const struct tal *tal, struct arena *arena)
{
	struct uri uri;

	assert(tal->count > 0 && tal->spki.len > 0);
	for (size_t i = 0; i < tal->count; i++) {
		struct bytes text =
		    bytes_of(tal->uris[i], strlen(tal->uris[i]));

		assert(uri_read(&uri, text, arena) == FAULT_NONE);
		assert(strcmp(uri.text, tal->uris[i]) == 0 && !uri.directory);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct tal tal;
	unsigned line = 0;

	if (locator_read(&tal, bytes_of(data, size), &line, arena) ==
	    FAULT_NONE) {
		look(&tal, arena);
	}
	assert(line > 0 && line <= size + 1);
	arena_free(arena);
	return 0;
}
