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

void
branch_go_on(struct spot *spot, const struct spot *before)
{
	struct share *taken = &spot->taken;

	taken->new_repositories = before->taken.new_repositories;
	taken->new_octets = before->taken.new_octets;
	taken->new_fetching = before->taken.new_fetching;
	taken->known_repositories = before->taken.known_repositories;
	taken->known_octets = before->taken.known_octets;
	taken->known_fetching = before->taken.known_fetching;
	taken->stock = before->taken.stock;
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
