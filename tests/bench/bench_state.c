/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a server does with a million VRPs of 400,000 objects besides serving
 * them: keep them over a restart, guard them, let them expire, tell why they
 * changed. Argument: an empty folder.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "daemon/keep.h"
#include "payload/builder.h"
#include "payload/causes.h"
#include "payload/expire.h"
#include "payload/guard.h"

enum { VRPS = 1000000, VRPS_A_CA = 25, CAS = VRPS / VRPS_A_CA, DELTAS = 10 };

static const int64_t now = 1740000000;

static void
say(const char *what, int64_t from_us)
{
	printf("%-40s %6.3f s\n", what,
	    (double)(clock_cpu_us() - from_us) / 1e6);
}

static uint32_t
add_source(struct builder *builder, uint32_t i)
{
	char uri[160];
	struct source source = {
		.kind = SOURCE_ROA,
		.uri = uri,
		.not_before = 1700000000 + i,
		.not_after = 1800000000 + i,
		.chain_not_before = 1700000000,
		.chain_not_after = 1790000000,
		.stale = 1750000000 + i % 3600,
		.expires = 1750000000 + i % 3600,
	};

	for (unsigned k = 0; k < HASH_SIZE; k++) {
		source.object.at[k] = (uint8_t)(i * 2654435761u >> k % 24);
	}
	snprintf(uri, sizeof(uri),
	    "rsync://rpki.example.net/repository/ca-%u/%08x%08x.roa",
	    i / VRPS_A_CA, i * 2654435761u, i);
	return builder_source(builder, &source);
}

/* Two of five VRPs begin an object; each skip-th is left out. */
static const struct snapshot *
set_of(unsigned skip)
{
	struct builder *builder = builder_new();
	uint32_t source = 0;

	builder_ta(builder, "alpha");
	for (uint32_t i = 0; i < VRPS; i++) {
		uint32_t at = i * 2654435761u;
		struct vrp vrp = { .prefix = { .family = IP_V4, .length = 24 },
			.max_length = 24,
			.asn = i % 70000 };

		if (i % 5 == 0 || i % 5 == 2) {
			source = add_source(builder, i);
		}
		vrp.prefix.address[0] = (uint8_t)(at >> 24);
		vrp.prefix.address[1] = (uint8_t)(at >> 16);
		vrp.prefix.address[2] = (uint8_t)(at >> 8);
		if (skip == 0 || i % skip != 0) {
			builder_vrp(builder, &vrp, source);
		}
	}
	return builder_seal(builder);
}

static void
wait_for(struct keep *keep)
{
	struct keep_news news;
	struct pollfd wait = { .fd = keep_bell(keep), .events = POLLIN };

	while (!keep_hear(keep, &news)) {
		(void)poll(&wait, 1, -1);
	}
}

static void
keep_it(const char *folder, const struct snapshot *set,
    const struct snapshot *next)
{
	struct log *log = log_new(LOG_LEVEL_WARN);
	const struct delta *delta = delta_new(set, next);
	struct kept kept;
	struct keep *keep;
	int64_t start;

	if (keep_open(&keep, folder, log) != 0) {
		fprintf(stderr, "%s: no such folder\n", folder);
		exit(1);
	}
	keep_load(keep, &kept);
	kept.current = snapshot_get(set);
	kept.plain = snapshot_get(set);
	kept.deltas = calloc(DELTAS, sizeof(*kept.deltas));
	while (kept.delta_count < DELTAS) {
		kept.deltas[kept.delta_count++] = delta_get(delta);
	}
	start = clock_cpu_us();
	keep_save(keep, &kept);
	wait_for(keep);
	say("state written", start);
	start = clock_cpu_us();
	keep_ahead(keep, &kept.ids,
	    &(struct ahead_serial){ .serial = kept.serial + 1,
		.delta = delta,
		.to = next });
	wait_for(keep);
	say("one serial of 1,000 changes ahead", start);
	keep_save(keep, &kept);
	keep_close(keep);
	kept_clear(&kept);
	(void)keep_open(&keep, folder, log);
	start = clock_cpu_us();
	keep_load(keep, &kept);
	say("state read, with the serial ahead", start);
	keep_close(keep);
	kept_clear(&kept);
	delta_put(delta);
	log_free(log);
}

static void
guard_it(const struct snapshot *set, const struct snapshot *next)
{
	static const struct guard_config config = { 10, 86400 };
	struct report_ta ta = { .name = "alpha" };
	struct report then = { .ta_count = 1, .tas = &ta };
	struct guard guard = { .anchors = NULL };
	struct losses_case run = { .now = now,
		.before = set,
		.then = &then,
		.fresh = next,
		.report = &then };
	enum guard_event event;
	int64_t start;

	then.points = calloc(CAS + 1, sizeof(*then.points));
	for (uint32_t i = 0; i <= CAS; i++) {
		char uri[160];

		snprintf(uri, sizeof(uri),
		    "rsync://rpki.example.net/repository/ca-%u/x.mft", i);
		then.points[i] = (struct report_point){
			.name = report_point_name(uri),
			.parent = i == 0 ? REPORT_NO_POINT : 0,
			.repository = UINT16_MAX,
			.state = POINT_VALID,
		};
	}
	then.point_count = CAS + 1;
	start = clock_cpu_us();
	snapshot_put(guard_apply(&guard, &config, &run, &event));
	say("guard, nothing to hold", start);
	then.points[0].state = POINT_REJECTED;
	then.point_count = 1;
	run.fresh = builder_seal(builder_new());
	start = clock_cpu_us();
	snapshot_put(guard_apply(&guard, &config, &run, &event));
	say("guard, everything held", start);
	snapshot_put(run.fresh);
	guard_clear(&guard);
	free(then.points);
}

static void
explain_it(const struct snapshot *set, const struct snapshot *next)
{
	struct causes_case one = { .now = now,
		.served = { set, next },
		.whole = { set, next } };
	const struct delta *delta = delta_new(set, next);
	struct arena *arena = arena_new();
	struct change *changes;
	struct expire found;
	int64_t start = clock_cpu_us();

	(void)causes_find(&one, delta, arena, &changes);
	say("causes of 1,000 changes", start);
	start = clock_cpu_us();
	snapshot_put(expire_apply(set, now, &found));
	say("expiry, nothing ended", start);
	arena_free(arena);
	delta_put(delta);
}

int
main(int argc, char **argv)
{
	const struct snapshot *set, *next;

	if (argc != 2) {
		fprintf(stderr, "usage: bench_state FOLDER\n");
		return 2;
	}
	set = set_of(0);
	next = set_of(1000);
	keep_it(argv[1], set, next);
	guard_it(set, next);
	explain_it(set, next);
	snapshot_put(set);
	snapshot_put(next);
	return 0;
}
