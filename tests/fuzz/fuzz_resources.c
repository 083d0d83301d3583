/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as either extension of RFC 3779 and as our own encoding. */
#include "object/resources.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *const fuzz_folders[] = { "resources", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	struct arena *arena = arena_new();
	struct resources r = { 0 }, back;
	struct oddities odd = { 0 };
	struct octets out = { 0 };

	if (resources_read_ip(&r, in, &odd, arena) == FAULT_NONE &&
	    resources_read_as(&r, in, &odd, arena) == FAULT_NONE) {
		assert(!resources_empty(&r));
	}
	r = (struct resources){ 0 };
	if (resources_read_ip(&r, in, &odd, arena) == FAULT_NONE) {
		resources_encode(&out, &r);
		assert(resources_decode(&back, octets_bytes(&out), arena));
		octets_reset(&out);
		resources_text(&out, &r);
	}
	resources_decode(&back, in, arena);
	octets_clear(&out);
	arena_free(arena);
	return 0;
}
