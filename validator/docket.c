/* SPDX-License-Identifier: BSD-2-Clause */
/* docket - see docket.h. */
#include "validator/docket.h"

#include "base/mem.h"
#include "validator/branch.h"

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

void
docket_call(struct walk *walk,
    void (*late)(struct walk *walk, struct spot *spot))
{
	static const struct share moment = { .judging = 1 };
	struct spot *spot;

	while (walk->judging < walk->judge_room &&
	       (spot = turn_next(&walk->turn, LEAST_COST)) != NULL) {
		if (branch_fault(walk, spot, &moment) == FAULT_NONE) {
			judge(walk, spot);
		} else {
			late(walk, spot);
		}
	}
}

void
docket_done(struct walk *walk, const struct point_result *result)
{
	struct spot *spot = result->job.owner;
	uint64_t us = result->judging_us;

	walk->judging--;
	branch_charge(spot, &(struct share){ .judging = us });
	if (us > LEAST_COST) {
		turn_charge(&spot->turn, us - LEAST_COST);
	}
}
