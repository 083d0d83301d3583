/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shape - what local policy makes of a validated set: lengths that are cut off,
 * then local exceptions, which therefore always stand. Pure.
 */
#pragma once

#include "base/log.h"
#include "daemon/setting.h"
#include "payload/filter.h"
#include "payload/slurm.h"

struct shape {
	struct filter_policy limits;
	const struct slurm *exceptions; /* lent; NULL: none */
};

/* What the settings ask for. */
struct shape shape_of(const struct settings *all,
    const struct slurm *exceptions);

struct shape_effects {
	size_t removed; /* VRPs, by length */
	size_t rules;   /* of the exceptions */
	uint64_t *rule; /* what each removed or added; owned */
};

void shape_clear(struct shape_effects *effects);

/* A new reference. */
const struct snapshot *shape_apply(const struct shape *shape,
    const struct snapshot *plain, struct shape_effects *effects);

/* A line for the lengths, and one for each rule of the exceptions. */
void shape_log(struct log *log, const struct shape *shape,
    const struct shape_effects *effects);
