/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * origin - is a route's origin valid? RFC 6811 over a snapshot, with an index
 * whose answers take the same short time however many VRPs there are.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "payload/snapshot.h"

enum origin_state { ORIGIN_VALID, ORIGIN_INVALID, ORIGIN_NOT_FOUND };

/* Why a route is invalid, as its nearest miss says. */
enum origin_reason { ORIGIN_NO_REASON, ORIGIN_AS, ORIGIN_LENGTH };

struct origin_index;

/* Takes a reference of its own to the snapshot. */
struct origin_index *origin_new(const struct snapshot *snapshot);
void origin_free(struct origin_index *index); /* NULL is fine */

/* "valid", "invalid", "not-found". */
const char *origin_state_name(enum origin_state state);

/* AS0 never makes a route valid, and no route from AS0 is valid (RFC 7607). */
enum origin_state origin_state(const struct origin_index *index,
    const struct ip_prefix *prefix, uint32_t asn);

/* Indexes of VRPs in the snapshot, ascending. */
struct origin_list {
	uint32_t *at;
	size_t count;
};

const struct vrp *origin_vrp(const struct origin_index *index, uint32_t i);

/* All VRPs that cover the route, each in the one list it belongs to. */
struct origin_answer {
	enum origin_state state;
	enum origin_reason reason;
	struct origin_list matched, unmatched_as, unmatched_length;
};
struct origin_answer origin_explain(const struct origin_index *index,
    const struct ip_prefix *prefix, uint32_t asn, struct arena *arena);
