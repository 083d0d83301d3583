/* SPDX-License-Identifier: BSD-2-Clause */
/* rejected - see rejected.h. */
#include "validator/rejected.h"

#include "base/map.h"
#include "validator/ranges.h"

/* Heirs of one set point to the same ranges: the set is added once. */
static bool
fresh(struct map *seen, const void *ranges, size_t count)
{
	struct bytes key = bytes_of(&ranges, sizeof(ranges));

	if (count == 0 || map_get(seen, key) != NULL) {
		return false;
	}
	(void)map_set(seen, key, seen);
	return true;
}

static void
add(struct ranges *ranges, struct map *seen, const struct resources *r)
{
	struct resources part = { 0 };

	if (fresh(seen, r->v4.ranges, r->v4.count)) {
		part.v4 = r->v4;
	}
	if (fresh(seen, r->v6.ranges, r->v6.count)) {
		part.v6 = r->v6;
	}
	if (fresh(seen, r->as.ranges, r->as.count)) {
		part.as = r->as;
	}
	ranges_add(ranges, &part);
}

void
rejected_collect(const struct walk *walk, struct resources *out)
{
	struct ranges *ranges = ranges_new();
	struct map *seen = map_new();

	for (size_t i = 0; i < walk->spot_count; i++) {
		const struct spot *spot = walk->spots[i];

		/* An anchor without a manifest would taint everything. */
		if (spot->state == SPOT_REJECTED && spot->ca->depth > 0) {
			add(ranges, seen, &spot->ca->resources);
		}
	}
	ranges_seal(ranges, out, walk->arena);
	map_free(seen);
}
