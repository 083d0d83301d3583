/* SPDX-License-Identifier: BSD-2-Clause */
/* plan - see plan.h. */
#include "rrdp/plan.h"

#include <stdbool.h>
#include <string.h>

#include "base/limits.h"

static struct plan
snapshot(const char *reason)
{
	return (struct plan){ .way = PLAN_SNAPSHOT, .reason = reason };
}

/* Both lists are in order of serial: walk them side by side. */
static bool
mutated(const struct repository *have, const struct notice *offer)
{
	size_t i = 0, j = 0;

	while (i < have->delta_count && j < offer->delta_count) {
		const struct repository_delta *was = &have->deltas[i];
		const struct notice_file *is = &offer->deltas[j];

		if (was->serial == is->serial &&
		    !hash_equal(&was->hash, &is->hash)) {
			return true;
		}
		i += was->serial <= is->serial;
		j += is->serial <= was->serial;
	}
	return false;
}

static bool
snapshot_mutated(const struct repository *have, const struct notice *offer)
{
	static const struct hash unknown;

	return !hash_equal(&have->snapshot, &unknown) &&
	       !hash_equal(&have->snapshot, &offer->snapshot.hash);
}

/* Where the last run of serials without a gap begins. */
static size_t
unbroken(const struct notice *offer)
{
	size_t i = offer->delta_count;
	uint64_t wanted = offer->serial;

	while (i > 0 && offer->deltas[i - 1].serial == wanted) {
		i--;
		wanted--;
	}
	return i;
}

static struct plan
by_deltas(const struct repository *have, const struct notice *offer,
    unsigned max_deltas)
{
	size_t start = unbroken(offer);
	uint64_t steps = offer->serial - have->serial;

	if (offer->delta_count - start < steps) {
		/* Is the one we need there at all, or is it a hole? */
		bool reaches = offer->delta_count > 0 &&
			       offer->deltas[0].serial <= have->serial + 1;

		return snapshot(
		    reaches ? "inconsistent-delta-set" : "outdated-local");
	}
	if (steps > max_deltas) {
		return snapshot("too-many-deltas");
	}
	return (struct plan){ .way = PLAN_DELTAS,
		.first = offer->delta_count - (size_t)steps };
}

struct plan
plan_choose(const struct repository *have, const struct notice *offer,
    unsigned max_deltas)
{
	if (have->session == NULL) {
		return snapshot("new-repository");
	}
	if (strcmp(have->session, offer->session) != 0) {
		return snapshot("new-session");
	}
	if (offer->serial < have->serial) {
		return have->back + 1 < LIMIT_RRDP_BACK
			   ? (struct plan){ .way = PLAN_REFUSE }
			   : snapshot("serial-back");
	}
	if (mutated(have, offer)) {
		return snapshot("delta-mutation");
	}
	if (offer->serial > have->serial) {
		return by_deltas(have, offer, max_deltas);
	}
	return snapshot_mutated(have, offer)
		   ? snapshot("snapshot-mutation")
		   : (struct plan){ .way = PLAN_NOTHING };
}
