/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gather - from a finished walk to a set: payload, report, seal.
 */
#pragma once

#include "validator/talk.h"
#include "validator/walk.h"

struct gather_facts {
	int64_t started;
	uint32_t sandbox; /* bits of base/sandbox.h */
	enum wire_seal_kind seal;
	bool in_order; /* VRPs are to go as sealing orders them */
};

/* Into a report, with what this process took. */
void gather_facts(struct report *report, const struct gather_facts *facts);

/* Send the whole set of this walk. */
void gather_send(const struct walk *walk, const struct gather_facts *facts,
    struct talk *talk);
