/* SPDX-License-Identifier: BSD-2-Clause */
/* filter - see filter.h. */
#include "payload/filter.h"

#include <stdlib.h>

#include "base/array.h"
#include "payload/builder.h"

/* --- a selection */

static int
prefix_order(const void *left, const void *right)
{
	return ip_prefix_compare(left, right);
}

static void
sort(void *list, size_t count, size_t size,
    int (*order)(const void *, const void *))
{
	if (count > 0) {
		qsort(list, count, size, order);
	}
}

void
filter_select(struct filter *filter, uint32_t *asns, size_t asn_count,
    struct ip_prefix *prefixes, size_t prefix_count)
{
	size_t as = 0, ps = 0;

	sort(asns, asn_count, sizeof(*asns), array_by_u32);
	for (size_t i = 0; i < asn_count; i++) {
		if (as == 0 || asns[i] != asns[as - 1]) {
			asns[as++] = asns[i];
		}
	}
	/* What lies within a prefix follows it. */
	sort(prefixes, prefix_count, sizeof(*prefixes), prefix_order);
	for (size_t i = 0; i < prefix_count; i++) {
		if (ps == 0 ||
		    (filter->more_specifics
			    ? !ip_prefix_covers(&prefixes[ps - 1], &prefixes[i])
			    : ip_prefix_compare(&prefixes[ps - 1],
				  &prefixes[i]) != 0)) {
			prefixes[ps++] = prefixes[i];
		}
	}
	filter->asns = asns;
	filter->asn_count = as;
	filter->prefixes = prefixes;
	filter->prefix_count = ps;
}

bool
filter_kind(const struct filter *filter, enum item_kind kind)
{
	return filter == NULL || !filter->without[kind];
}

static bool
selects_all(const struct filter *filter)
{
	return filter == NULL ||
	       (filter->asn_count == 0 && filter->prefix_count == 0);
}

static bool
selects_asn(const struct filter *filter, uint32_t asn)
{
	return filter->asn_count > 0 &&
	       bsearch(&asn, filter->asns, filter->asn_count, sizeof(asn),
		   array_by_u32) != NULL;
}

/* How many are before this one in the list. */
static size_t
count_before(const struct filter *filter, const struct ip_prefix *prefix)
{
	size_t low = 0, high = filter->prefix_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip_prefix_compare(&filter->prefixes[middle], prefix) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* What a prefix covers follows it at once, and where no prefix of the list lies
 * within another, the last one before it covers it if any does. */
static bool
selects_prefix(const struct filter *filter, const struct ip_prefix *prefix)
{
	size_t at = count_before(filter, prefix);

	return (at < filter->prefix_count &&
		   ip_prefix_covers(prefix, &filter->prefixes[at])) ||
	       (filter->more_specifics && at > 0 &&
		   ip_prefix_covers(&filter->prefixes[at - 1], prefix));
}

bool
filter_vrp(const struct filter *filter, const struct vrp *vrp)
{
	return filter_kind(filter, ITEM_VRP) &&
	       (selects_all(filter) || selects_asn(filter, vrp->asn) ||
		   selects_prefix(filter, &vrp->prefix));
}

bool
filter_asn(const struct filter *filter, enum item_kind kind, uint32_t asn)
{
	return filter_kind(filter, kind) &&
	       (selects_all(filter) || selects_asn(filter, asn));
}

bool
filter_item(const struct filter *filter, const struct snapshot *snapshot,
    enum item_kind kind, size_t i)
{
	switch (kind) {
	case ITEM_VRP:
		return filter_vrp(filter, snapshot_vrp(snapshot, i));
	case ITEM_ROUTER_KEY:
		return filter_asn(filter, kind,
		    snapshot_router_key(snapshot, i)->asn);
	case ITEM_ASPA:
		return filter_asn(filter, kind,
		    snapshot_aspa(snapshot, i)->customer);
	case ITEM_KINDS:
		break;
	}
	return false;
}

/* --- what policy lets through */

struct sieve {
	const struct filter_policy *policy;
	size_t removed;
};

static bool
too_long(const struct filter_policy *policy, const struct vrp *vrp)
{
	return vrp->prefix.length > (vrp->prefix.family == IP_V4
					    ? policy->v4_length
					    : policy->v6_length);
}

static bool
keep(void *arg, const struct snapshot *snapshot, enum item_kind kind, size_t i)
{
	struct sieve *sieve = arg;

	if (sieve->policy->without[kind]) {
		return false;
	}
	if (kind == ITEM_VRP &&
	    too_long(sieve->policy, snapshot_vrp(snapshot, i))) {
		sieve->removed++;
		return false;
	}
	return true;
}

static bool
removes_any(const struct filter_policy *policy, const struct snapshot *snapshot)
{
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		if (policy->without[kind] &&
		    snapshot_count(snapshot, (enum item_kind)kind) != 0) {
			return true;
		}
	}
	for (size_t i = 0; i < snapshot_vrps(snapshot); i++) {
		if (too_long(policy, snapshot_vrp(snapshot, i))) {
			return true;
		}
	}
	return false;
}

const struct snapshot *
filter_apply(const struct filter_policy *policy,
    const struct snapshot *snapshot, size_t *removed)
{
	struct sieve sieve = { .policy = policy };
	struct builder *builder;

	*removed = 0;
	if (!removes_any(policy, snapshot)) {
		return snapshot_get(snapshot);
	}
	builder = builder_new();
	builder_copy(builder, snapshot, keep, &sieve);
	*removed = sieve.removed;
	return builder_seal(builder);
}
