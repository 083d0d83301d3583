/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule - reads one rule of a SLURM file, and says where a mistake stands.
 */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "payload/locate.h"
#include "payload/slurm.h"

enum { RULE_STEPS = 5 };

/* One file being read; the first mistake sticks. */
struct rule_reading {
	struct arena *arena; /* what rules keep */
	const struct slurm_file *file;
	const char *path; /* our own copy */
	struct octets *why;
	bool bad;
	unsigned version;
	struct locate_step steps[RULE_STEPS];
	size_t depth;
};

/* Where we are: into a member, or with a NULL key to an item; and back. */
void rule_down(struct rule_reading *r, const char *key, size_t index);
void rule_up(struct rule_reading *r);

/* A mistake in the value that was gone down to. */
void rule_mistake(struct rule_reading *r, const char *what);

/* Every member must be one of the words between blanks in known. */
void rule_members(struct rule_reading *r, json_t *object, const char *known);

/* A member that must be there: of this type, a number, a string. */
json_t *rule_member(struct rule_reading *r, json_t *object, const char *key,
    json_type type);
uint64_t rule_number(struct rule_reading *r, json_t *object, const char *key,
    uint64_t low, uint64_t high);
const char *rule_string(struct rule_reading *r, json_t *object,
    const char *key);

/* What a rule of rule->kind must and may have. */
void rule_read(struct rule_reading *r, json_t *object, struct slurm_rule *rule);
