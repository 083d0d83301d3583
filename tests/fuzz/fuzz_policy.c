/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a policy, and laid over one that is in order: what is taken is
 * written as it came. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "payload/policy.h"
#include "tests/fuzz/over.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
look(struct bytes in, struct arena *arena)
{
	struct octets again = { .at = NULL };
	struct policy policy;
	bool good = policy_decode(&policy, in, arena);

	if (good) {
		policy_encode(&again, &policy);
		assert(bytes_equal(octets_bytes(&again), in));
	}
	octets_clear(&again);
	return good;
}

static void
some_policy(struct octets *out)
{
	static const char *items[] = { "one", "two" };
	const struct policy_tal tals[] = {
		{ .name = "a",
		    .origin = "a.tal",
		    .text = text_bytes("https://r.example/a.cer\n\nAAAA\n"),
		    .constraints = text_bytes("allow 10.0.0.0/8\n"),
		    .constraints_origin = "a.constraints" },
		{ .name = "b", .origin = "built in" },
	};
	struct policy policy;

	policy_init(&policy);
	policy.cache = "/var/cache/kedge";
	policy.rrdp_root_certs = (struct policy_list){ 2, items };
	policy.tal_count = sizeof(tals) / sizeof(tals[0]);
	policy.tals = tals;
	policy_encode(out, &policy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	struct arena *arena = arena_new();
	struct octets good = { .at = NULL };

	(void)look(in, arena);
	some_policy(&good);
	assert(look(octets_bytes(&good), arena));
	over_lay(&good, in);
	(void)look(octets_bytes(&good), arena);
	octets_clear(&good);
	arena_free(arena);
	return 0;
}
