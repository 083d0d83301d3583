/* SPDX-License-Identifier: BSD-2-Clause */
/* docket - see docket.h. */
#include "validator/docket.h"

#include "base/mem.h"
#include "validator/branch.h"
#include "validator/rations.h"

/* Microseconds: about what the cheapest points take. */
enum { LEAST_COST = 200 };

void
docket_enter(struct walk *walk, struct spot *spot)
{
	turn_init(&spot->turn,
	    spot->parent == NULL ? &walk->turn : &spot->parent->turn, spot);
}

void
docket_add(struct spot *spot)
{
	spot->state = SPOT_JUDGING;
	turn_wait(&spot->turn);
}

static void
judge(struct walk *walk, struct spot *spot)
{
	struct point_job *job = mem_zero(1, sizeof(*job));

	job->ca = spot->ca;
	job->mirror = spot->repo == NULL ? 0 : spot->repo->mirror;
	job->left_out = spot->left_out;
	job->owner = spot;
	walk->judging++;
	pool_submit(walk->judges, job);
}

/* Has its branch had its time, or what is above it had its time at the host? */
static enum fault
out_of_time(const struct walk *walk, const struct spot *spot)
{
	static const struct share moment = { .judging = 1 };
	enum fault fault = branch_fault(walk, spot, &moment);

	return fault == FAULT_NONE && spot->repo != NULL
		   ? rations_fault(walk, spot->repo, spot->parent, &moment)
		   : fault;
}

void
docket_call(struct walk *walk, docket_late_fn *late)
{
	struct spot *spot;

	while (walk->judging < walk->judge_room &&
	       (spot = turn_next(&walk->turn, LEAST_COST)) != NULL) {
		enum fault fault = out_of_time(walk, spot);

		if (fault == FAULT_NONE) {
			judge(walk, spot);
		} else {
			late(walk, spot, fault);
		}
	}
}

void
docket_done(struct walk *walk, const struct point_result *result)
{
	struct spot *spot = result->job.owner;
	uint64_t us = result->judging_us;
	const struct share share = { .judging = us };

	walk->judging--;
	branch_charge(spot, &share);
	if (spot->repo != NULL) { /* itself it is judged once: no part of it */
		rations_charge(walk, spot->repo, spot->parent, &share);
	}
	if (us > LEAST_COST) {
		turn_charge(&spot->turn, us - LEAST_COST);
	}
}
