/* SPDX-License-Identifier: BSD-2-Clause */
/* share - see share.h. */
#include "validator/share.h"

#include <assert.h>
#include <stddef.h>

#include "base/limits.h"

enum {
	KNOWN_SHARE = 4, /* so many times what may be new in a run */
	LEAST_PART = 8,  /* of what an anchor may, for any CA */
	US_OF_MS = 1000,
};

static uint64_t
halved(uint64_t most, unsigned times, uint64_t least)
{
	uint64_t half = times < 64 ? most >> times : 0;

	if (least > most) {
		least = most;
	}
	return half > least ? half : least;
}

/* Where no CA is known to need more than a part. */
static uint64_t
parted(uint64_t most, unsigned times)
{
	uint64_t least = most / LEAST_PART;

	return halved(most, times, least > 0 ? least : 1);
}

struct share
share_most(const struct policy *policy, unsigned depth)
{
	uint64_t fetched = parted(policy->max_ta_size, depth);
	uint64_t repositories = parted(policy->max_ta_repositories, depth);

	return (struct share){
		.points = halved(policy->max_ta_points, depth, LIMIT_CA_POINTS),
		.octets = halved(LIMIT_TA_ANSWERS, depth, LIMIT_CA_ANSWERS),
		.items = halved(LIMIT_TA_ITEMS, depth, LIMIT_CA_ITEMS),
		.judging = parted(policy->max_ta_judging * US_OF_MS, depth),
		.new_repositories = repositories,
		.new_octets = fetched,
		.known_repositories = repositories * KNOWN_SHARE,
		.known_octets = fetched * KNOWN_SHARE,
	};
}

static const struct {
	size_t at;
	enum fault fault;
} rows[] = {
	{ offsetof(struct share, points), FAULT_TA_POINTS },
	{ offsetof(struct share, octets), FAULT_TA_SHARE },
	{ offsetof(struct share, items), FAULT_TA_SHARE },
	{ offsetof(struct share, judging), FAULT_TA_JUDGING },
	{ offsetof(struct share, new_octets), FAULT_TA_OCTETS },
	{ offsetof(struct share, known_octets), FAULT_TA_OCTETS },
	{ offsetof(struct share, new_repositories), FAULT_TA_REPOSITORIES },
	{ offsetof(struct share, known_repositories), FAULT_TA_REPOSITORIES },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
static_assert(ROWS * sizeof(uint64_t) == sizeof(struct share), "a row each");

static uint64_t
field(const struct share *share, size_t row)
{
	return *(const uint64_t *)((const char *)share + rows[row].at);
}

enum fault
share_fault(const struct share *taken, const struct share *more,
    const struct share *most)
{
	for (size_t i = 0; i < ROWS; i++) {
		uint64_t wanted = field(more, i);

		if (wanted > 0 && field(taken, i) + wanted > field(most, i)) {
			return rows[i].fault;
		}
	}
	return FAULT_NONE;
}

void
share_add(struct share *taken, const struct share *more)
{
	taken->points += more->points;
	taken->octets += more->octets;
	taken->items += more->items;
	taken->judging += more->judging;
	taken->new_repositories += more->new_repositories;
	taken->new_octets += more->new_octets;
	taken->known_repositories += more->known_repositories;
	taken->known_octets += more->known_octets;
}
