/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turn - whose turn it is, so that every branch of a tree gets its part.
 *
 * At each fork the branch goes next that has cost least. However many jobs wait
 * on one branch, and whatever each of them takes, its neighbours' jobs get
 * through as if it had one. A branch that had nothing to do begins where the
 * others stand: it saves nothing up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct turn {
	struct turn *above;
	void *what;
	bool waiting; /* this one itself has a job */
	bool listed;  /* among those of the one above that have jobs below */
	uint64_t order, cost;
	uint64_t owed;         /* to be added when it comes to the top */
	uint64_t floor;        /* what those below stand at */
	uint64_t orders;       /* given to those below */
	struct turn *below;    /* the one to go next; a pairing heap */
	struct turn *sub, *by; /* in that of the one above */
};

/* above is NULL for the top of the tree. */
void turn_init(struct turn *turn, struct turn *above, void *what);

/* It has a job. */
void turn_wait(struct turn *turn);

/* Whose job is to be done next, or NULL; it waits no longer. The job counts as
 * `least` until turn_charge() says more. */
void *turn_next(struct turn *top, uint64_t least);

void turn_charge(struct turn *turn, uint64_t more);
