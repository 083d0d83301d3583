/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * share - how much of a run one CA and all below it may take.
 *
 * A trust anchor has a budget of everything here. Each level below may take
 * half of what its issuer may, though never less than what any one CA may need.
 * So who floods the run from below exhausts the branch it sits on and not what
 * its neighbours live on.
 *
 * Repositories that were brought in before have a budget of their own, so that
 * no flood of new ones can push them out.
 *
 * Nobody gets more than half of the store, be it in a run or for good, nor a
 * branch more than its part of that: others' news must find room.
 *
 * A host has its share as well, whoever leads to it, and of that each branch
 * has a part in the same way.
 */
#pragma once

#include <stdint.h>

#include "base/fault.h"
#include "payload/policy.h"

struct share {
	uint64_t points;  /* CAs */
	uint64_t octets;  /* of answers */
	uint64_t items;   /* of payload; each provider of an ASPA is one */
	uint64_t judging; /* microseconds of a processor */
	uint64_t new_repositories; /* asked for in this run */
	uint64_t new_octets;       /* that repositories sent, for new ones */
	uint64_t new_fetching;     /* milliseconds of fetchers, for new ones */
	uint64_t known_repositories, known_octets,
	    known_fetching; /* the same, for known ones */
	uint64_t stock;     /* octets of the store, of those asked for */
};

/* What a CA at this depth may take together with all below it. */
struct share share_most(const struct policy *policy, unsigned depth);

/* What may be taken at one host: by all, where level is 0; a trust anchor is
 * at level 1, its CAs are at 2. Repositories, octets, fetching, judging. */
struct share share_of_host(const struct policy *policy, unsigned level);

/* May so much more be taken? Only what `more` asks for is looked at. */
enum fault share_fault(const struct share *taken, const struct share *more,
    const struct share *most);
/* The same at a host, with its faults. */
enum fault share_host_fault(const struct share *taken, const struct share *more,
    const struct share *most);

void share_add(struct share *taken, const struct share *more);
