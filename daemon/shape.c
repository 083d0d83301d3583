/* SPDX-License-Identifier: BSD-2-Clause */
/* shape - see shape.h. */
#include "daemon/shape.h"

#include <stdlib.h>

#include "base/mem.h"

enum { RULES_TOLD = 100 }; /* one by one in the log; more are summed up */

struct shape
shape_of(const struct settings *all, const struct slurm *exceptions)
{
	return (struct shape){
		.limits = {
			.v4_length = (unsigned)all->at[SET_LIMIT_V4_LEN].number,
			.v6_length = (unsigned)all->at[SET_LIMIT_V6_LEN].number,
		},
		.exceptions = exceptions,
	};
}

void
shape_clear(struct shape_effects *effects)
{
	free(effects->rule);
	*effects = (struct shape_effects){ 0 };
}

const struct snapshot *
shape_apply(const struct shape *shape, const struct snapshot *plain,
    struct shape_effects *effects)
{
	const struct snapshot *cut =
	    filter_apply(&shape->limits, plain, &effects->removed);
	const struct snapshot *out;

	if (shape->exceptions == NULL) {
		return cut;
	}
	effects->rules = slurm_rules(shape->exceptions);
	effects->rule = mem_zero(effects->rules + 1, sizeof(*effects->rule));
	out = slurm_apply(shape->exceptions, cut, effects->rule);
	snapshot_put(cut);
	return out;
}

static size_t
idle_rules(const struct shape_effects *effects)
{
	size_t count = 0;

	for (size_t i = 0; i < effects->rules; i++) {
		count += effects->rule[i] == 0;
	}
	return count;
}

void
shape_log(struct log *log, const struct shape *shape,
    const struct shape_effects *effects)
{
	if (effects->removed > 0) {
		log_info(log, "%zu VRPs left out by length", effects->removed);
	}
	if (effects->rules > RULES_TOLD) {
		log_info(log, "%zu local exceptions, %zu of them to no effect",
		    effects->rules, idle_rules(effects));
		return;
	}
	for (size_t i = 0; i < effects->rules; i++) {
		const struct slurm_rule *rule =
		    slurm_rule(shape->exceptions, i);

		log_info(log, "%s: %s %zu: %llu", rule->path,
		    slurm_kind_name(rule->kind), rule->index + 1,
		    (unsigned long long)effects->rule[i]);
	}
}
