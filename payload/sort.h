/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sort - put a million VRPs in order, in place.
 *
 * An in-place radix sort: its work is bounded by the number of octets in a
 * VRP however the input was chosen, and it needs no second array.
 */
#pragma once

#include <stddef.h>

#include "payload/item.h"

/* Sort vrps by item_vrp_compare(); with[i] travels with vrps[i]. */
void sort_vrps(struct vrp *vrps, uint32_t *with, size_t count);
