/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * graft - puts items of one set, with their sources, into a builder that holds
 * those of another. Trust anchors meet by name.
 */
#pragma once

#include "payload/builder.h"

struct graft {
	struct builder *builder;
	const struct snapshot *from;
	const uint16_t *repositories; /* lent; NULL: none is known here */
	size_t repository_count;
	bool held;         /* the collapse guard holds what is put there */
	uint16_t *tas;     /* of from's trust anchors in the builder */
	uint32_t *numbers; /* of from's sources in the builder, plus one */
};

/* `repositories` says how from's are numbered in the report that goes with the
 * builder's set: UINT16_MAX, or beyond the count, is none. */
void graft_init(struct graft *graft, struct builder *builder,
    const struct snapshot *from, const uint16_t *repositories,
    size_t repository_count);
void graft_clear(struct graft *graft);

/* Add item i with the n-th of its sources alone. */
void graft_source(struct graft *graft, enum item_kind kind, size_t i, size_t n);
/* With all of them. */
void graft_item(struct graft *graft, enum item_kind kind, size_t i);
