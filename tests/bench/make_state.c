/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A state folder of a server that has run: make_state FOLDER VRPS DELTAS
 * CHANGES. So many VRPs, and so many deltas of so many changes that led to
 * them.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/keep.h"
#include "tests/bench/many.h"

enum { DAY = 86400 };

/* One half came, the other half went; the first are of the set that `seed`
 * makes, those of the i-th delta beside those of the one before. */
static const struct delta *
any_delta(uint32_t *seed, uint32_t changes, uint32_t i, int64_t expires)
{
	struct builder *came = many_build(0, 1, expires);
	const struct snapshot *from =
	    builder_seal(many_build(changes / 2, 1000 + i, expires));
	const struct snapshot *to;
	const struct delta *delta;

	for (uint32_t n = 0; n < changes / 2; n++) {
		struct vrp vrp = many_vrp(seed);

		builder_vrp(came, &vrp, 0);
	}
	to = builder_seal(came);
	delta = delta_new(from, to);
	snapshot_put(from);
	snapshot_put(to);
	return delta;
}

static int
save(struct keep *keep, const struct kept *kept)
{
	struct keep_news news = { KEEP_NONE, 0 };
	struct pollfd bell = { .fd = keep_bell(keep), .events = POLLIN };

	keep_save(keep, kept);
	while (news.event != KEEP_SAVED && news.event != KEEP_FAILED) {
		(void)poll(&bell, 1, -1);
		(void)keep_hear(keep, &news);
	}
	return news.event == KEEP_SAVED ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct log *log = log_new(LOG_LEVEL_INFO);
	struct kept kept = { .serial = 1 };
	struct keep *keep = NULL;
	uint32_t vrps, deltas, changes, seed = 1;
	int64_t now = clock_wall();
	int rc;

	if (argc != 5) {
		fprintf(stderr,
		    "usage: make_state FOLDER VRPS DELTAS CHANGES\n");
		return 1;
	}
	vrps = (uint32_t)strtoul(argv[2], NULL, 10);
	deltas = (uint32_t)strtoul(argv[3], NULL, 10);
	changes = (uint32_t)strtoul(argv[4], NULL, 10);
	rc = keep_open(&keep, argv[1], log);
	if (rc != 0) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(-rc));
		return 1;
	}
	keep_load(keep, &kept);
	kept.current = builder_seal(many_build(vrps, seed, now + DAY));
	kept.plain = snapshot_get(kept.current);
	kept.deltas = mem_zero(deltas + 1, sizeof(*kept.deltas));
	for (uint32_t i = 0; i < deltas; i++) {
		kept.deltas[i] = any_delta(&seed, changes, i, now + DAY);
	}
	kept.delta_count = deltas;
	kept.serial = 1 + deltas;
	kept.last_run = kept.last_complete = kept.last_change = now;
	rc = save(keep, &kept);
	printf("%zu VRPs, %u deltas, session %u, serial %u\n",
	    snapshot_vrps(kept.current), deltas, kept.ids.rtr[1], kept.serial);
	kept_clear(&kept);
	keep_close(keep);
	log_free(log);
	return rc;
}
