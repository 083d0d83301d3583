/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cache - the cache folder as a run holds it: the store, and the black box that
 * tells what the engine before died of.
 */
#pragma once

#include "payload/policy.h"
#include "store/blackbox.h"
#include "store/store.h"
#include "validator/regret.h"
#include "validator/talk.h"

struct cache {
	struct store *store;
	struct blackbox *box; /* NULL: this run may not write */
	struct blackbox_past past;
};

/* Opens what the policy names, once no other run holds it. 0, or 1 with why. */
int cache_open(struct cache *cache, const struct policy *policy,
    struct talk *talk, struct log *log, struct regret *regret);
void cache_close(struct cache *cache); /* zeroed is fine */
