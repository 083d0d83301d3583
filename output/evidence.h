/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * evidence - where payload comes from, as explanations show it: each source
 * with its object, its times, its trust anchor and its repository.
 */
#pragma once

#include "output/jot.h"
#include "output/still.h"

/* One item of a set as an object: what it is, when it ends, its sources; more
 * members may follow until jot_end_object(). */
void evidence_open(struct jot *jot, const struct still *still,
    const struct snapshot *set, enum item_kind kind, size_t i);

/* How a repository does, as a member called "repository". */
void evidence_repository(struct jot *jot, const struct still *still,
    unsigned repository);

/* A rule of the local exceptions as an object. */
void evidence_rule(struct jot *jot, const struct still_rule *rule);
