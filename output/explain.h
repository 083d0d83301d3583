/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain - why a prefix or a route stands as it does, or what became of an
 * object: the payload with its sources, what local policy removed, and what
 * the last run found wrong nearby. JSON.
 */
#pragma once

#include "output/pen.h"
#include "output/still.h"

struct explain {
	bool has_asn;
	struct ip_prefix prefix; /* when uri is NULL */
	uint32_t asn;
	const char *uri; /* of an object, a manifest or a CA's point */
};

/* The still must have a set, its atlas, and the rules. */
void explain_write(struct pen *pen, const struct still *still,
    const struct explain *what);
