/* SPDX-License-Identifier: BSD-2-Clause */
/* joint - see joint.h. */
#include "validator/joint.h"

#include "base/array.h"

void
joint_note(struct walk *walk, struct spot *spot, struct spot *parent,
    int64_t stale)
{
	walk->joints = array_room(walk->joints, walk->joint_count,
	    &walk->joint_room, sizeof(*walk->joints));
	walk->joints[walk->joint_count++] =
	    (struct joint){ spot, parent, stale };
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When what stands at its end is to leave the set. */
static int64_t
end_of(const struct tenure *tenure)
{
	return earlier(tenure->not_after, tenure->stale);
}

/* Is this path to the spot a longer one in time? */
static bool
widen(struct spot *spot, const struct spot *parent, int64_t stale)
{
	const struct ca_seed *own = &spot->ca->own;
	struct tenure tenure = parent->tenure;

	if (tenure.not_before < own->not_before) {
		tenure.not_before = own->not_before;
	}
	tenure.not_after = earlier(tenure.not_after, own->not_after);
	tenure.stale = earlier(tenure.stale, stale);
	if (end_of(&tenure) <= end_of(&spot->tenure)) {
		return false;
	}
	spot->tenure = tenure;
	return true;
}

/* Each pass brings an end one joint further, and all that hangs there along:
 * spots come after their parents. */
void
joint_settle(struct walk *walk)
{
	bool any = walk->joint_count > 0;

	for (uint64_t i = 0; any && i < walk->policy->max_ca_depth; i++) {
		any = false;
		for (size_t j = 0; j < walk->joint_count; j++) {
			const struct joint *joint = &walk->joints[j];

			any |= widen(joint->spot, joint->parent, joint->stale);
		}
		for (size_t j = 0; any && j < walk->spot_count; j++) {
			struct spot *spot = walk->spots[j];

			if (spot->parent != NULL) {
				(void)widen(spot, spot->parent,
				    spot->ca->own.stale);
			}
		}
	}
}
