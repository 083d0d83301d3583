/* SPDX-License-Identifier: BSD-2-Clause */
/* branch - see branch.h. */
#include "validator/branch.h"

enum fault
branch_fault(const struct walk *walk, const struct spot *spot,
    const struct share *more)
{
	for (; spot != NULL; spot = spot->parent) {
		struct share most = share_most(walk->policy, spot->ca->depth);
		enum fault fault = share_fault(&spot->taken, more, &most);

		if (fault != FAULT_NONE) {
			return fault;
		}
	}
	return FAULT_NONE;
}

void
branch_charge(struct spot *spot, const struct share *more)
{
	for (; spot != NULL; spot = spot->parent) {
		share_add(&spot->taken, more);
	}
}

struct spot *
branch_fork(struct spot *a, struct spot *b)
{
	while (a != NULL && b != NULL && a != b) {
		if (a->ca->depth >= b->ca->depth) {
			a = a->parent;
		} else {
			b = b->parent;
		}
	}
	return a == b ? a : NULL;
}
