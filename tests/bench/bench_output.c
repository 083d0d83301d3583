/* SPDX-License-Identifier: BSD-2-Clause */
/* A million VRPs of 400,000 objects: seal, write, look up, compare. */
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "output/format.h"
#include "payload/builder.h"
#include "payload/delta.h"
#include "payload/origin.h"

enum { VRPS = 1000000, SOURCES = 400000, LOOKUPS = 2000000 };

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 4;
}

static struct vrp
any_vrp(uint32_t *seed)
{
	bool four = next(seed) % 3 != 0;
	struct vrp vrp = { .asn = next(seed) % 100000,
		.prefix.family = four ? IP_V4 : IP_V6 };
	unsigned octets = four ? 2 + next(seed) % 2 : 4 + next(seed) % 3;

	for (unsigned i = 0; i < octets; i++) {
		vrp.prefix.address[i] = (uint8_t)next(seed);
	}
	vrp.prefix.length = (uint8_t)(8 * octets);
	vrp.max_length = (uint8_t)(8 * octets + next(seed) % 3);
	return vrp;
}

static const struct snapshot *
seal(uint32_t seed, int64_t *ms)
{
	struct builder *builder = builder_new();
	const struct snapshot *snapshot;
	int64_t start;

	builder_ta(builder, "alpha");
	for (uint32_t i = 0; i < SOURCES; i++) {
		char uri[160];
		struct source source = { .kind = SOURCE_ROA,
			.uri = uri,
			.not_before = 1700000000 + i,
			.not_after = 1730000000 + i,
			.chain_not_before = 1700000000 + i,
			.chain_not_after = 1730000000 + i,
			.stale = 1701000000,
			.expires = 1701000000 };

		snprintf(uri, sizeof(uri),
		    "rsync://rpki.example.net/repository/DEFAULT/%02x/"
		    "%08x-c2dd-46c1-9429-e66369649411/1/%027x.roa",
		    i / 8 % 256, i / 8, i);
		source.object.at[0] = 1;
		builder_source(builder, &source);
	}
	for (uint32_t i = 0; i < VRPS; i++) {
		struct vrp vrp = any_vrp(&seed);

		builder_vrp(builder, &vrp, (uint32_t)(i * 0.4));
	}
	start = clock_mono_ms();
	snapshot = builder_seal(builder);
	*ms = clock_mono_ms() - start;
	return snapshot;
}

static int
count(void *arg, struct bytes octets)
{
	*(uint64_t *)arg += octets.len;
	return 0;
}

static void
tell_memory(const char *when)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "VmRSS: %*u") == 0 ||
		    sscanf(line, "VmHWM: %*u") == 0) {
			if (line[0] == 'V' &&
			    (line[2] == 'R' || line[2] == 'H')) {
				printf("%s %s", when, line);
			}
		}
	}
	if (f != NULL) {
		fclose(f);
	}
}

int
main(void)
{
	static const char *const names[] = { "csv", "json", "jsonext",
		"json-rpkiclient", "openbgpd" };
	struct format_input input = { .now = 1700000000 };
	const struct snapshot *other;
	const struct delta *delta;
	struct origin_index *index;
	uint32_t seed = 5;
	unsigned states[3] = { 0 };
	int64_t ms, start;

	input.snapshot = seal(1, &ms);
	printf("seal %zu VRPs: %lld ms\n", snapshot_vrps(input.snapshot),
	    (long long)ms);
	tell_memory("after seal");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint64_t octets = 0;

		start = clock_mono_ms();
		(void)format_write(format_find(names[i]), &input,
		    (struct sink){ count, &octets });
		printf("%s: %lld ms, %llu octets\n", names[i],
		    (long long)(clock_mono_ms() - start),
		    (unsigned long long)octets);
	}
	start = clock_mono_ms();
	index = origin_new(input.snapshot);
	printf("origin index: %lld ms\n", (long long)(clock_mono_ms() - start));
	start = clock_mono_ms();
	for (unsigned i = 0; i < LOOKUPS; i++) {
		struct vrp route = any_vrp(&seed);

		states[origin_state(index, &route.prefix, route.asn)]++;
	}
	printf("%d look-ups: %lld ms (%u valid, %u invalid)\n", LOOKUPS,
	    (long long)(clock_mono_ms() - start), states[0], states[1]);
	origin_free(index);
	tell_memory("one set ");
	other = seal(2, &ms);
	start = clock_mono_ms();
	delta = delta_new(input.snapshot, other);
	printf("delta of all: %lld ms\n", (long long)(clock_mono_ms() - start));
	delta_put(delta);
	snapshot_put(input.snapshot);
	snapshot_put(other);
	tell_memory("end     ");
	return 0;
}
