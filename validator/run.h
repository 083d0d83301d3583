/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run - one validation run, from trust anchors to the last seal.
 *
 * The states are listed here, in order, and nowhere else; only run_advance()
 * writes run->state, so the log of moves is the whole story of a run.
 */
#pragma once

#include "validator/gather.h"
#include "validator/talk.h"
#include "validator/walk.h"

enum run_state {
	RUN_ANCHORS,    /* trust anchors have not all answered */
	RUN_WALK,       /* points left to judge */
	RUN_SEALED,     /* a set stands: send it, remember it */
	RUN_STRAGGLERS, /* sealed early; some repositories still come */
	RUN_DONE,
	RUN_FAILED, /* no trust anchor gave a set; keep the old one */
	RUN_STATES
};

struct run {
	enum run_state state;
	struct walk *walk;
	struct talk *talk;
	struct log *log;
	const struct policy *policy;
	struct gather_facts facts;
	bool stop;           /* asked to end */
	bool mute;           /* nobody waits for the set */
	bool passed;         /* anchors stand with what was kept */
	bool given_up;       /* the deadline has passed */
	bool mended;         /* damage was looked after once */
	bool full;           /* nothing could be kept: the run failed of it */
	bool vain;           /* nothing of any repository: it failed of that */
	int64_t deadline_ms; /* clock_mono_ms(); 0: none */
	int64_t sealed_ms;   /* the last set; clock_mono_ms() */
};

/* Take in what has come and do what the state asks. False once it has ended. */
bool run_advance(struct run *run);
