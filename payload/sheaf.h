/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sheaf - VRPs with the numbers of their sources, gathered and put in order.
 *
 * An in-place radix sort: its work is bounded by the number of octets in a
 * VRP however the input was chosen, and it needs no second array.
 */
#pragma once

#include <stddef.h>

#include "payload/item.h"

struct sheaf {
	struct vrp *vrps;
	uint32_t *sources; /* sources[i] is of vrps[i] */
	size_t count, room;
};

void sheaf_add(struct sheaf *sheaf, const struct vrp *vrp, uint32_t source);
/* By item_vrp_compare(). */
void sheaf_sort(struct sheaf *sheaf);
void sheaf_clear(struct sheaf *sheaf); /* frees; usable again */
