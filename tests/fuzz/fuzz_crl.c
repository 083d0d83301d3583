/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a CRL. */
#include "object/crl.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *const fuzz_folders[] = { "crl", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct crl crl;

	if (crl_decode(&crl, bytes_of(data, size), arena) == FAULT_NONE) {
		for (size_t i = 0; i < crl.count; i++) {
			assert(crl_revokes(&crl, crl.entries[i].serial));
		}
	}
	arena_free(arena);
	return 0;
}
