/* SPDX-License-Identifier: BSD-2-Clause */
/* A policy that is taken is written again octet by octet. */
#include <stddef.h>
#include <stdint.h>

#include "payload/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct octets again = { .at = NULL };
	struct policy policy;

	if (policy_decode(&policy, bytes_of(data, size), arena)) {
		policy_encode(&again, &policy);
		if (!bytes_equal(octets_bytes(&again), bytes_of(data, size))) {
			__builtin_trap();
		}
	}
	octets_clear(&again);
	arena_free(arena);
	return 0;
}
