/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a certificate of every kind. */
#include "object/cert.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *const fuzz_folders[] = { "cert", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	struct arena *arena = arena_new();
	struct cert cert;

	for (unsigned kind = CERT_TA; kind <= CERT_ROUTER; kind++) {
		if (cert_decode(&cert, (enum cert_kind)kind, in, arena) ==
		    FAULT_NONE) {
			assert(cert.signature.len == 256);
			assert(!resources_empty(&cert.resources));
		}
	}
	cert_decode_ee_bare(&cert, in, arena);
	arena_free(arena);
	return 0;
}
