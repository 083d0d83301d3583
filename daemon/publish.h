/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * publish - what a worker does with a set that the engine sealed: local policy
 * is applied and the difference to what is served is found. Pure.
 */
#pragma once

#include "daemon/shape.h"
#include "payload/delta.h"

struct publish {
	/* Given. */
	const struct snapshot *plain; /* a reference */
	const struct snapshot
	    *before; /* what is served; a reference, or NULL */
	struct shape shape;
	/* Found. */
	const struct snapshot *fresh; /* a reference */
	const struct delta *delta;    /* a reference; NULL: nothing before */
	struct shape_effects effects;
};

/* Takes the references. */
struct publish *publish_new(const struct snapshot *plain,
    const struct snapshot *before, const struct shape *shape);
void publish_free(struct publish *publish); /* NULL is fine */

void publish_work(struct publish *publish);
