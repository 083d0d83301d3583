/* SPDX-License-Identifier: BSD-2-Clause */
/* docket - see docket.h. */
#include "validator/docket.h"

#include "base/mem.h"
#include "validator/branch.h"
#include "validator/rations.h"

/* Microseconds: about what the cheapest points take, what those take that may
 * lie ahead of a judge, and what is thought of who is not known. */
enum { LEAST_COST = 200, MEAN_COST = 1000, DEAR = 8000, KNOWN = 8 };

/* What the others of its branch took. */
static uint64_t
guess(const struct spot *spot)
{
	for (spot = spot->parent; spot != NULL; spot = spot->parent) {
		if (spot->answers >= KNOWN) {
			return spot->taken.judging / spot->answers;
		}
	}
	return DEAR;
}

/* A few points lie ahead of each judge, so that it need not wait for the owner.
 * None where they are dear: who came next would wait for all of them. */
static bool
has_room(const struct walk *walk)
{
	return walk->judging < walk->judge_count ||
	       (walk->judging < walk->judge_room &&
		   walk->ahead < walk->judge_room * MEAN_COST);
}

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
	return has_room(walk) ? turn_next(&walk->turn, LEAST_COST) : NULL;
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
	spot->guess = guess(spot);
	walk->ahead += spot->guess;
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
	struct spot *spot = result->job.owner;

	walk->judging--;
	walk->ahead -= spot->guess;
	docket_charge(walk, spot, result->judging_us);
}

void
docket_answered(struct spot *spot)
{
	for (; spot != NULL; spot = spot->parent) {
		spot->answers++;
	}
}
