/* SPDX-License-Identifier: BSD-2-Clause */
/* rejected - see rejected.h. */
#include "validator/rejected.h"

#include "validator/ranges.h"

void
rejected_collect(const struct walk *walk, struct resources *out)
{
	struct ranges *ranges = ranges_new();

	for (size_t i = 0; i < walk->spot_count; i++) {
		const struct spot *spot = walk->spots[i];

		/* An anchor without a manifest would taint everything. */
		if (spot->state == SPOT_REJECTED && spot->ca->depth > 0) {
			ranges_add(ranges, &spot->ca->resources);
		}
	}
	ranges_seal(ranges, out, walk->arena);
}
