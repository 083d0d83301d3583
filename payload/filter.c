/* SPDX-License-Identifier: BSD-2-Clause */
/* filter - see filter.h. */
#include "payload/filter.h"

#include "payload/builder.h"

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
	for (size_t i = 0; i < filter->asn_count; i++) {
		if (filter->asns[i] == asn) {
			return true;
		}
	}
	return false;
}

static bool
selects_prefix(const struct filter *filter, const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < filter->prefix_count; i++) {
		const struct ip_prefix *wanted = &filter->prefixes[i];

		if (ip_prefix_covers(prefix, wanted) ||
		    (filter->more_specifics &&
			ip_prefix_covers(wanted, prefix))) {
			return true;
		}
	}
	return false;
}

bool
filter_vrp(const struct filter *filter, const struct vrp *vrp)
{
	return filter_kind(filter, ITEM_VRP) &&
	       (selects_all(filter) || selects_asn(filter, vrp->asn) ||
		   selects_prefix(filter, &vrp->prefix));
}

bool
filter_item(const struct filter *filter, const struct snapshot *snapshot,
    enum item_kind kind, size_t i)
{
	if (!filter_kind(filter, kind)) {
		return false;
	}
	if (selects_all(filter)) {
		return true;
	}
	switch (kind) {
	case ITEM_VRP:
		return filter_vrp(filter, snapshot_vrp(snapshot, i));
	case ITEM_ROUTER_KEY:
		return selects_asn(filter,
		    snapshot_router_key(snapshot, i)->asn);
	case ITEM_ASPA:
		return selects_asn(filter,
		    snapshot_aspa(snapshot, i)->customer);
	case ITEM_KINDS:
		break;
	}
	return false;
}

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
