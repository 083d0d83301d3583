/* SPDX-License-Identifier: BSD-2-Clause */
/* A million VRPs of 400,000 objects: seal, write, look up, compare. */
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "output/format.h"
#include "payload/delta.h"
#include "payload/origin.h"
#include "tests/bench/many.h"

enum { VRPS = 1000000, LOOKUPS = 2000000 };

static const struct snapshot *
seal(uint32_t seed, int64_t *ms)
{
	struct builder *builder = many_build(VRPS, seed, 1701000000);
	int64_t start = clock_mono_ms();
	const struct snapshot *snapshot = builder_seal(builder);

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
		struct vrp route = many_vrp(&seed);

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
