/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a file of local exceptions: it is refused with a reason, or
 * does to a set what is done by doing it again, too.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "payload/builder.h"
#include "payload/delta.h"
#include "payload/slurm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add_vrp(struct builder *builder, uint32_t source, const char *prefix,
    uint8_t max_length, uint32_t asn)
{
	struct vrp vrp = { .max_length = max_length, .asn = asn };

	assert(
	    ip_prefix_parse(&vrp.prefix, text_bytes(prefix), IP_PREFIX_ONLY));
	builder_vrp(builder, &vrp, source);
}

/* Something for each kind of filter to hit and to miss. */
static const struct snapshot *
some_set(void)
{
	static const uint32_t providers[] = { 64500, 64501 };
	static const uint8_t spki[91] = { 0x30, 0x59 };
	const struct aspa aspas[] = { { 64496, 2, providers },
		{ 5, 1, providers } };
	const struct router_key key = { .asn = 64496,
		.spki_len = sizeof(spki),
		.spki = spki };
	struct builder *builder = builder_new();
	struct source source = {
		.kind = SOURCE_ROA,
		.uri = "rsync://r.example/m/x.roa",
		.expires = INT64_MAX,
	};
	uint32_t number;

	builder_ta(builder, "ta");
	number = builder_source(builder, &source);
	add_vrp(builder, number, "10.0.0.0/8", 24, 64496);
	add_vrp(builder, number, "192.0.2.0/24", 24, 64496);
	add_vrp(builder, number, "192.0.2.0/25", 32, 1);
	add_vrp(builder, number, "2001:db8::/32", 48, 64497);
	add_vrp(builder, number, "::/0", 0, 0);
	builder_router_key(builder, &key, number);
	builder_aspa(builder, &aspas[0], number);
	builder_aspa(builder, &aspas[1], number);
	return builder_seal(builder);
}

static void
apply(const struct slurm *slurm)
{
	size_t rules = slurm_rules(slurm);
	uint64_t *effects = mem_zero(rules + 1, sizeof(*effects));
	const struct snapshot *set = some_set();
	const struct snapshot *once = slurm_apply(slurm, set, effects);
	const struct snapshot *twice = slurm_apply(slurm, once, NULL);
	const struct delta *delta = delta_new(once, twice);
	bool any = false;

	assert(delta_empty(delta));
	for (size_t i = 0; i < rules; i++) {
		assert(slurm_rule(slurm, i)->kind < SLURM_KINDS);
		any = any || effects[i] > 0;
	}
	delta_put(delta);
	delta = delta_new(set, once);
	assert(any || delta_empty(delta));
	delta_put(delta);
	snapshot_put(twice);
	snapshot_put(once);
	snapshot_put(set);
	free(effects);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slurm_file file = { "f", bytes_of(data, size) };
	struct octets why = { .at = NULL };
	struct slurm *slurm = slurm_read(&file, 1, &why);

	assert((slurm == NULL) == (why.len > 0));
	if (slurm != NULL) {
		apply(slurm);
		slurm_free(slurm);
	}
	octets_clear(&why);
	return 0;
}
