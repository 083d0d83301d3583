/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fate - what became of the payload of a trust anchor or a repository: from
 * the counters of a run and from the set, as metrics and status tell it.
 */
#pragma once

#include "output/atlas.h"
#include "payload/report.h"

enum fate {
	FATE_VALID,
	FATE_UNSAFE,
	FATE_FILTERED,  /* local policy or exceptions removed it */
	FATE_DUPLICATE, /* another source had contributed it */
	FATE_CONTRIBUTED,
	FATES
};

/* How many items met this one. The part is NULL when the set has not been
 * counted: then what is not in the counters is 0. */
uint64_t fate_count(const uint64_t counters[REPORT_COUNTERS],
    const struct atlas_part *part, enum fate fate, enum atlas_type type);

/* Does this fate need no part? */
bool fate_known(enum fate fate);
