/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shift - one engine at work, as a server's event loop sees it: asked for at
 * the keeper, listened to by a courier on a thread, and gone in the end.
 */
#pragma once

#include <stdbool.h>

#include "daemon/keeper.h"
#include "payload/account.h"
#include "payload/wire.h"

struct event_base;
struct log;
struct shift;

/* What the engine brought. */
struct shift_set {
	const struct snapshot *snapshot; /* a reference: the taker's */
	const struct account *account;   /* likewise */
	struct wire_seal seal;
};

/* Called on the event loop; each only takes a note and rings. */
struct shift_ears {
	void *arg;
	void (*set)(void *arg, const struct shift_set *set);
	void (*over)(void *arg);        /* the engine is gone */
	void (*keeper_gone)(void *arg); /* no engine can be started any more */
};

/* Lends the keeper, the log and the name of the engine's program. */
struct shift *shift_new(struct event_base *base, struct keeper *keeper,
    const char *engine, struct log *log, const struct shift_ears *ears);
/* Ends the engine at once. NULL is fine. */
void shift_free(struct shift *shift);

/* Have an engine do a run. Only when none is at work. The policy is lent while
 * shift_asked(). */
void shift_begin(struct shift *shift, const struct policy *policy);
/* Ask it to end soon; at once, where it does not listen. */
void shift_stop(struct shift *shift);
bool shift_working(const struct shift *shift);
/* Is the policy still to be handed over? */
bool shift_asked(const struct shift *shift);

/* How the last one ended: by its own word that all is well, or why not. */
bool shift_good(const struct shift *shift);
/* Is what was asked for no good, and will not be the next time? */
bool shift_refused(const struct shift *shift);
const char *shift_why(struct shift *shift);

/* How far the one at work is. */
const struct wire_progress *shift_progress(const struct shift *shift);
