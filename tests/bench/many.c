/* SPDX-License-Identifier: BSD-2-Clause */
/* many - see many.h. */
#include "tests/bench/many.h"

#include <stdio.h>

uint32_t
many_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 4;
}

struct vrp
many_vrp(uint32_t *seed)
{
	bool four = many_next(seed) % 3 != 0;
	struct vrp vrp = { .asn = many_next(seed) % 100000,
		.prefix.family = four ? IP_V4 : IP_V6 };
	unsigned octets =
	    four ? 2 + many_next(seed) % 2 : 4 + many_next(seed) % 3;

	for (unsigned i = 0; i < octets; i++) {
		vrp.prefix.address[i] = (uint8_t)many_next(seed);
	}
	vrp.prefix.length = (uint8_t)(8 * octets);
	vrp.max_length = (uint8_t)(8 * octets + many_next(seed) % 3);
	return vrp;
}

static void
add_roa(struct builder *builder, uint32_t i, int64_t expires)
{
	char uri[160];
	struct source source = { .kind = SOURCE_ROA,
		.uri = uri,
		.not_before = 1700000000 + i,
		.not_after = expires + i,
		.chain_not_before = 1700000000 + i,
		.chain_not_after = expires + i,
		.stale = expires,
		.expires = expires };

	snprintf(uri, sizeof(uri),
	    "rsync://rpki.example.net/repository/DEFAULT/%02x/"
	    "%08x-c2dd-46c1-9429-e66369649411/1/%027x.roa",
	    i / 8 % 256, i / 8, i);
	source.object.at[0] = 1;
	builder_source(builder, &source);
}

struct builder *
many_build(uint32_t vrps, uint32_t seed, int64_t expires)
{
	struct builder *builder = builder_new();
	uint32_t roas = vrps / 5 * 2 + 1;

	builder_ta(builder, "alpha");
	for (uint32_t i = 0; i < roas; i++) {
		add_roa(builder, i, expires);
	}
	for (uint32_t i = 0; i < vrps; i++) {
		struct vrp vrp = many_vrp(&seed);

		builder_vrp(builder, &vrp, (uint32_t)((uint64_t)i * 2 / 5));
	}
	return builder;
}
