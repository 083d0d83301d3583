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

struct spot *
docket_next(struct walk *walk)
{
	return walk->judging < walk->judge_room
		   ? turn_next(&walk->turn, LEAST_COST)
		   : NULL;
}

/* Has its branch had its time, or what is above it had its time at the host? */
enum fault
docket_fault(const struct walk *walk, const struct spot *spot)
{
	static const struct share moment = { .judging = 1 };
	enum fault fault = branch_fault(walk, spot, &moment);

	return fault == FAULT_NONE && spot->repo != NULL
		   ? rations_fault(walk, spot->repo, spot->parent, &moment)
		   : fault;
}

struct point_job
docket_job(struct spot *spot)
{
	return (struct point_job){
		.ca = spot->ca,
		.mirror = spot->repo == NULL ? 0 : spot->repo->mirror,
		.left_out = spot->left_out,
		.owner = spot,
	};
}

void
docket_judge(struct walk *walk, struct spot *spot)
{
	struct point_job *job = mem_zero(1, sizeof(*job));

	*job = docket_job(spot);
	walk->judging++;
	pool_submit(walk->judges, job);
}

void
docket_charge(struct walk *walk, struct spot *spot, uint64_t us)
{
	const struct share share = { .judging = us };

	branch_charge(spot, &share);
	if (spot->repo != NULL) { /* itself it is judged once: no part of it */
		rations_charge(walk, spot->repo, spot->parent, &share);
	}
	if (us > LEAST_COST) {
		turn_charge(&spot->turn, us - LEAST_COST);
	}
}

void
docket_done(struct walk *walk, const struct point_result *result)
{
	walk->judging--;
	docket_charge(walk, result->job.owner, result->judging_us);
}
