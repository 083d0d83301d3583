/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filter - which payload is shown, and which is let through at all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "payload/snapshot.h"

/*
 * A selection for output. ASNs and prefixes are joined by OR; with neither,
 * everything is selected. A prefix selects the VRPs that cover it, and with
 * more_specifics also those it covers. Router keys and ASPAs are selected by
 * ASN (the customer's) alone. Lists are as filter_select() leaves them.
 */
struct filter {
	const uint32_t *asns;
	size_t asn_count;
	const struct ip_prefix *prefixes;
	size_t prefix_count;
	bool more_specifics;
	bool without[ITEM_KINDS]; /* kinds that are left out altogether */
};

/*
 * Select by these lists, which stay the caller's and are put in order: what is
 * there twice goes, and so does, with more_specifics, what lies within another
 * prefix. filter->more_specifics is set already.
 */
void filter_select(struct filter *filter, uint32_t *asns, size_t asn_count,
    struct ip_prefix *prefixes, size_t prefix_count);

/* A NULL filter selects everything. */
bool filter_kind(const struct filter *filter, enum item_kind kind);
bool filter_vrp(const struct filter *filter, const struct vrp *vrp);
/* A router key or ASPA. */
bool filter_asn(const struct filter *filter, enum item_kind kind, uint32_t asn);
bool filter_item(const struct filter *filter, const struct snapshot *snapshot,
    enum item_kind kind, size_t i);

/*
 * What policy lets through: VRPs with a prefix no longer than v4 or v6, and no
 * kind that is without. The same snapshot, once more referenced, when nothing
 * is to be removed. *removed counts the VRPs that were too long.
 */
struct filter_policy {
	unsigned v4_length, v6_length; /* 32 and 128: all */
	bool without[ITEM_KINDS];
};
const struct snapshot *filter_apply(const struct filter_policy *policy,
    const struct snapshot *snapshot, size_t *removed);
