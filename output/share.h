/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * share - what became of the payload of a trust anchor or a repository: from
 * the counters of a run and from the set, as metrics and status tell it.
 */
#pragma once

#include "output/atlas.h"
#include "payload/report.h"

enum share_fate {
	SHARE_VALID,
	SHARE_UNSAFE,
	SHARE_FILTERED,  /* local policy or exceptions removed it */
	SHARE_DUPLICATE, /* another source had contributed it */
	SHARE_CONTRIBUTED,
	SHARE_FATES
};

/* The share is NULL when the set has not been counted: then what is not in the
 * counters is 0. */
uint64_t share_count(const uint64_t counters[REPORT_COUNTERS],
    const struct atlas_share *share, enum share_fate fate,
    enum atlas_type type);

/* Does this fate need no share? */
bool share_known(enum share_fate fate);

/* "route_origins_ipv4" and so on. */
const char *share_type(enum atlas_type type);

/* First sources of either family. */
uint64_t share_vrps(const struct atlas_share *share);
