/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * validity - what routes' origins are worth, as JSON in the shape that scripts
 * know from Routinator.
 */
#pragma once

#include "base/arena.h"
#include "output/pen.h"
#include "payload/origin.h"

struct validity_route {
	struct ip_prefix prefix;
	uint32_t asn;
};

/* "as", "length" or NULL; and a sentence for people. */
const char *validity_reason(const struct origin_answer *answer);
const char *validity_sentence(const struct origin_answer *answer);

/* One route, whole. The arena is for the moment. */
void validity_write(struct pen *pen, const struct origin_index *index,
    const struct validity_route *route, int64_t now, struct arena *arena);

/* Many: begin, each route with its place from 0, end. */
void validity_begin(struct pen *pen);
void validity_add(struct pen *pen, const struct origin_index *index,
    const struct validity_route *route, size_t place, struct arena *arena);
void validity_end(struct pen *pen, int64_t now);

/*
 * Read the body of a bulk question, {"routes": [{"asn", "prefix"}, ...]},
 * without making a tree of it. The caller frees *routes, also when false: then
 * one line for people was added to *why.
 */
bool validity_read(struct validity_route **routes, size_t *count,
    struct bytes text, struct octets *why);
