/* SPDX-License-Identifier: BSD-2-Clause */
/* share - see share.h. */
#include "validator/share.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

enum {
	KNOWN_SHARE = 4,    /* so many times what may be new in a run */
	STORE_SHARE = 2,    /* such a part of the store, for any anchor */
	NEWCOMERS_PART = 2, /* and of that, for what is new in a run */
	LEAST_PART = 8,     /* of what an anchor may, for any CA */
	US_OF_MS = 1000,
	MS_OF_S = 1000,
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

static uint64_t
lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Those that were brought in before may take a few times as much; all of it
 * must be kept somewhere. */
static struct share
completed(struct share share, const struct policy *policy, unsigned times)
{
	share.stock = parted(policy->max_disk / STORE_SHARE, times);
	share.known_repositories = share.new_repositories * KNOWN_SHARE;
	share.known_octets = lower(share.new_octets * KNOWN_SHARE, share.stock);
	share.known_fetching = share.new_fetching * KNOWN_SHARE;
	share.new_octets =
	    lower(share.new_octets, share.stock / NEWCOMERS_PART);
	return share;
}

struct share
share_most(const struct policy *policy, unsigned depth)
{
	return completed(
	    (struct share){
		.points = halved(policy->max_ta_points, depth, LIMIT_CA_POINTS),
		.octets = halved(LIMIT_TA_ANSWERS, depth, LIMIT_CA_ANSWERS),
		.items = halved(LIMIT_TA_ITEMS, depth, LIMIT_CA_ITEMS),
		.judging = parted(policy->max_ta_judging * US_OF_MS, depth),
		.new_repositories = parted(policy->max_ta_repositories, depth),
		.new_octets = parted(policy->max_ta_size, depth),
		.new_fetching =
		    parted(policy->max_ta_fetching * MS_OF_S, depth),
	    },
	    policy, depth);
}

struct share
share_of_host(const struct policy *policy, unsigned level)
{
	return completed(
	    (struct share){
		.judging = parted(policy->max_host_judging * US_OF_MS, level),
		.new_repositories =
		    parted(policy->max_host_repositories, level),
		.new_octets = parted(policy->max_host_size, level),
		.new_fetching =
		    parted(policy->max_host_fetching * MS_OF_S, level),
	    },
	    policy, level);
}

/* FAULT_NONE: hosts have no share of it. */
static const struct {
	size_t at;
	enum fault fault, at_host;
} rows[] = {
	{ offsetof(struct share, points), FAULT_TA_POINTS, FAULT_NONE },
	{ offsetof(struct share, octets), FAULT_TA_SHARE, FAULT_NONE },
	{ offsetof(struct share, items), FAULT_TA_SHARE, FAULT_NONE },
	{ offsetof(struct share, judging), FAULT_TA_JUDGING,
	    FAULT_HOST_JUDGING },
	{ offsetof(struct share, new_octets), FAULT_TA_OCTETS,
	    FAULT_HOST_OCTETS },
	{ offsetof(struct share, known_octets), FAULT_TA_OCTETS,
	    FAULT_HOST_OCTETS },
	{ offsetof(struct share, new_fetching), FAULT_TA_FETCHING,
	    FAULT_HOST_FETCHING },
	{ offsetof(struct share, known_fetching), FAULT_TA_FETCHING,
	    FAULT_HOST_FETCHING },
	{ offsetof(struct share, new_repositories), FAULT_TA_REPOSITORIES,
	    FAULT_HOST_REPOSITORIES },
	{ offsetof(struct share, known_repositories), FAULT_TA_REPOSITORIES,
	    FAULT_HOST_REPOSITORIES },
	{ offsetof(struct share, stock), FAULT_STORE_SHARE, FAULT_STORE_SHARE },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
static_assert(ROWS * sizeof(uint64_t) == sizeof(struct share), "a row each");

static uint64_t
field(const struct share *share, size_t row)
{
	return *(const uint64_t *)((const char *)share + rows[row].at);
}

static bool
exceeds(const struct share *taken, const struct share *more,
    const struct share *most, size_t row)
{
	uint64_t wanted = field(more, row);

	return wanted > 0 && field(taken, row) + wanted > field(most, row);
}

enum fault
share_fault(const struct share *taken, const struct share *more,
    const struct share *most)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (exceeds(taken, more, most, i)) {
			return rows[i].fault;
		}
	}
	return FAULT_NONE;
}

enum fault
share_host_fault(const struct share *taken, const struct share *more,
    const struct share *most)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].at_host != FAULT_NONE &&
		    exceeds(taken, more, most, i)) {
			return rows[i].at_host;
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
	taken->new_fetching += more->new_fetching;
	taken->known_repositories += more->known_repositories;
	taken->known_octets += more->known_octets;
	taken->known_fetching += more->known_fetching;
	taken->stock += more->stock;
}
