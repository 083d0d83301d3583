/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mandate - whom the operator trusts, and with what: the trust anchor locators
 * of a request with their constraints, read.
 */
#pragma once

#include "payload/policy.h"
#include "validator/constraints.h"
#include "validator/regret.h"
#include "validator/walk.h"

struct mandate {
	size_t count;
	struct walk_anchor *anchors;     /* the caller's to free */
	struct constraints *constraints; /* of each; the arena's */
};

/* 0, or 1 with why: then there is nothing to free. */
int mandate_read(struct mandate *mandate, const struct policy *policy,
    struct arena *arena, struct regret *regret);
