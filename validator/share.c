/* SPDX-License-Identifier: BSD-2-Clause */
/* share - see share.h. */
#include "validator/share.h"

#include "base/limits.h"

static uint64_t
halved(uint64_t most, unsigned times, uint64_t least)
{
	uint64_t half = times < 64 ? most >> times : 0;

	if (least > most) {
		least = most;
	}
	return half > least ? half : least;
}

struct share
share_most(uint64_t points, unsigned depth)
{
	return (struct share){
		.points = halved(points, depth, LIMIT_CA_POINTS),
		.octets = halved(LIMIT_TA_ANSWERS, depth, LIMIT_CA_ANSWERS),
		.items = halved(LIMIT_TA_ITEMS, depth, LIMIT_CA_ITEMS),
	};
}

bool
share_exceeds(const struct share *taken, const struct share *most)
{
	return taken->points > most->points || taken->octets > most->octets ||
	       taken->items > most->items;
}

void
share_add(struct share *taken, const struct share *more)
{
	taken->points += more->points;
	taken->octets += more->octets;
	taken->items += more->items;
}
