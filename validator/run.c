/* SPDX-License-Identifier: BSD-2-Clause */
/* run - see run.h for the states; here is one function a state. */
#include "validator/run.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "validator/joint.h"
#include "validator/memory.h"

/*
 * How often --patience the fast wait for the slow. What is held stands in after
 * a time without news. Newcomers, of which nothing does, are given longer; and
 * whoever makes news all the time keeps nobody waiting for ever. Nor does who
 * comes bit by bit make sets without end: routers can be told what changed only
 * over so many.
 */
enum { FOR_HELD = 1, FOR_NEWCOMERS = 3, APART = 3, AT_MOST = 10 };

static bool
patience_over(const struct run *run, int64_t since_ms, int times)
{
	return run->policy->early_seal &&
	       clock_mono_ms() - since_ms >=
		   (int64_t)run->policy->patience * 1000 * times;
}

/* Nothing has happened for a while, or for long something always has. */
static bool
waited(const struct run *run, int64_t since_ms)
{
	return patience_over(run, run->walk->news_ms, FOR_HELD) ||
	       patience_over(run, since_ms, AT_MOST);
}

static void
check_deadline(struct run *run)
{
	if (run->deadline_ms == 0 || run->given_up ||
	    clock_mono_ms() < run->deadline_ms) {
		return;
	}
	log_warn(run->log, "the run has reached its deadline: going on with "
			   "what is there");
	run->given_up = true;
	walk_give_up(run->walk);
}

static bool
any_anchor(const struct walk *walk)
{
	for (size_t i = 0; i < walk->anchor_count; i++) {
		if (walk->anchors[i].root != NULL) {
			return true;
		}
	}
	return false;
}

static enum run_state
step_anchors(struct run *run)
{
	if (run->walk->anchors_open > 0 && waited(run, run->walk->round_ms)) {
		run->passed |= walk_pass_anchors(run->walk);
	}
	if (run->walk->anchors_open > 0) {
		return RUN_ANCHORS;
	}
	return any_anchor(run->walk) ? RUN_WALK : RUN_FAILED;
}

/*
 * Octets of ours that went bad are fetched again before anybody is told that
 * what they were part of is gone: once a run, since a disk may be dying.
 */
static bool
mends(struct run *run)
{
	if (run->mended || run->given_up || !run->policy->update ||
	    !walk_damaged(run->walk)) {
		return false;
	}
	run->mended = true;
	if (memory_keep(run->walk, false) != 0) {
		return false;
	}
	log_warn(run->log, "the store lacks octets: fetching them again");
	walk_refetch(run->walk);
	return true;
}

/*
 * Is there no payload, and did this machine lose what somebody sent for the
 * first time? Then that is no set, and least of all an empty one.
 */
static bool
nothing_kept(const struct walk *walk)
{
	bool lost = false;

	for (size_t i = 0; i < walk->repo_count; i++) {
		const struct repo *repo = walk->repos[i];

		lost |=
		    !repo->held && (repo->report.fault == FAULT_STORE_IO ||
				       repo->report.fault == FAULT_SPOOL_IO);
	}
	return lost && walk->vrps == 0;
}

static bool
any_point(const struct walk *walk)
{
	for (size_t i = 0; i < walk->spot_count; i++) {
		if (walk->spots[i]->state == SPOT_VALID ||
		    walk->spots[i]->state == SPOT_CACHED) {
			return true;
		}
	}
	return false;
}

/* Is there anything of any repository, from now or from earlier? */
static bool
anything_there(const struct walk *walk)
{
	for (size_t i = 0; i < walk->repo_count; i++) {
		if (walk->repos[i]->held) {
			return true;
		}
	}
	return any_point(walk);
}

/*
 * Did all fail that were asked, or would have been, and is nothing there of
 * any? A first run that gets no further than the anchors' certificates knows
 * of nothing; which is not that there is nothing. Who is still being asked has
 * not failed.
 */
static bool
all_in_vain(const struct walk *walk)
{
	bool asked = false;

	for (size_t i = 0; i < walk->repo_count; i++) {
		asked |=
		    walk->repos[i]->report.fault != FAULT_REPOSITORY_SKIPPED;
	}
	return asked && !walk->early && !anything_there(walk);
}

/* Whom does this set wait for no more? */
static void
let_go(struct run *run)
{
	struct walk *walk = run->walk;
	bool quiet = patience_over(run, walk->news_ms, FOR_HELD);
	bool long_ago = patience_over(run, walk->round_ms, FOR_NEWCOMERS);
	enum walk_missing missing = long_ago ? WALK_NEWCOMERS : WALK_HELD;

	if (!walk->closed && patience_over(run, walk->round_ms, AT_MOST) &&
	    walk_releasable(walk, WALK_NEWCOMERS)) {
		walk_close(walk);
	} else if (quiet && walk_releasable(walk, missing)) {
		walk_release(walk, missing);
	}
}

static enum run_state
step_walk(struct run *run)
{
	if (walk_over(run->walk) && nothing_kept(run->walk)) {
		run->full = true;
		return RUN_FAILED;
	}
	if (walk_over(run->walk) && all_in_vain(run->walk)) {
		run->vain = true;
		return RUN_FAILED;
	}
	if (walk_over(run->walk)) {
		return mends(run) ? RUN_WALK : RUN_SEALED;
	}
	let_go(run);
	return RUN_WALK;
}

/* Each of their faults may be a small one, of which nobody is told. */
static void
check_points(const struct run *run)
{
	const struct walk *walk = run->walk;
	bool asked = false;

	for (size_t i = 0; i < walk->spot_count; i++) {
		asked |= !walk->spots[i]->left_out &&
			 walk->spots[i]->state != SPOT_WAITING;
	}
	if (asked && !any_point(walk)) {
		log_warn(run->log, "of all publication points none is valid: "
				   "is the clock right?");
	}
}

/* There is a set, and others are to be heard again some time. */
static void
end_straggling(struct run *run)
{
	int64_t end = run->sealed_ms + (int64_t)run->policy->straggle * 1000;

	if (run->policy->straggle > 0 &&
	    (run->deadline_ms == 0 || end < run->deadline_ms)) {
		run->deadline_ms = end;
	}
}

static enum run_state
step_sealed(struct run *run)
{
	/* Also where those that nobody waited for have come meanwhile, or will
	 * not come any more: one more round tells what to make of them. */
	bool early = run->walk->early || run->passed;
	int rc;

	run->facts.seal = early ? WIRE_SEAL_EARLY : WIRE_SEAL_FINAL;
	run->sealed_ms = clock_mono_ms();
	if (early) {
		end_straggling(run);
	}
	joint_settle(run->walk);
	if (!run->mute) {
		check_points(run);
		gather_send(run->walk, &run->facts, run->talk);
	}
	rc = run->policy->update ? memory_keep(run->walk, !early) : 0;
	if (rc != 0) {
		log_warn(run->log, "answers could not be remembered: %s",
		    strerror(-rc));
		store_blame(run->walk->store, rc);
	}
	return early ? RUN_STRAGGLERS : RUN_DONE;
}

/* Has a repository come since that the set is without, or is another to be
 * asked in its place? And is it time to tell of that? */
static bool
came_late(const struct run *run)
{
	return run->walk->late_ms >= run->walk->round_ms &&
	       waited(run, run->sealed_ms) &&
	       patience_over(run, run->sealed_ms, APART);
}

static enum run_state
step_stragglers(struct run *run)
{
	bool more = walk_fetching(run->walk) > 0 && !run->given_up;

	if (more && !came_late(run)) {
		return RUN_STRAGGLERS;
	}
	run->passed &= more;
	walk_again(run->walk);
	return RUN_WALK;
}

static const struct {
	const char *name;
	enum run_state (*step)(struct run *run); /* NULL: the run is over */
} states[] = {
	[RUN_ANCHORS] = { "anchors", step_anchors },
	[RUN_WALK] = { "walk", step_walk },
	[RUN_SEALED] = { "sealed", step_sealed },
	[RUN_STRAGGLERS] = { "stragglers", step_stragglers },
	[RUN_DONE] = { "done", NULL },
	[RUN_FAILED] = { "failed", NULL },
};
static_assert(sizeof(states) / sizeof(states[0]) == RUN_STATES,
    "every state has its row");

bool
run_advance(struct run *run)
{
	enum run_state next;

	(void)walk_collect(run->walk);
	check_deadline(run);
	while (states[run->state].step != NULL) {
		next = states[run->state].step(run);
		if (next == run->state) {
			return true;
		}
		log_debug(run->log, "run: %s -> %s", states[run->state].name,
		    states[next].name);
		run->state = next;
	}
	return false;
}
