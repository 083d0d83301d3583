/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * supervise - start an engine, give it work and listen until it has ended.
 *
 * The engine is another process that may die, hang or lie at any moment;
 * whatever it does, the answer says how it ended, and a set is in it only when
 * it was sealed and the engine ended well.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/log.h"
#include "payload/snapshot.h"
#include "payload/wire.h"

struct supervise_work {
	const char *engine; /* path of the program */
	struct log *log;
	const struct policy *policy;
	const struct wire_inspect *inspect; /* NULL: a run */
	unsigned hello_seconds;             /* it must have spoken by then */
	unsigned stop_seconds; /* it must have ended so long after a stop */
	/* Told about progress, and every fifth of a second with NULL. */
	void (*on_progress)(void *arg, const struct wire_progress *progress);
	void (*on_text)(void *arg, struct bytes text);
	/* With inspect: as ears->next of daemon/dialogue.h. */
	bool (*on_next)(void *arg, struct wire_look *look);
	void *arg;
};

enum supervise_how {
	SUPERVISE_DONE,    /* it said so itself; code and why are its words */
	SUPERVISE_STOPPED, /* SIGINT or SIGTERM came to us */
	SUPERVISE_LOST,    /* it died, hung or spoke nonsense */
};

struct supervise_end {
	enum supervise_how how;
	uint8_t code;                    /* exit code it asks for */
	bool complete;                   /* every repository answered */
	const char *why;                 /* one line, in the arena; or NULL */
	const struct snapshot *snapshot; /* a reference, or NULL */
	const struct report *report;     /* in the arena, or NULL */
};

/* Returns when the engine and all it started are gone. */
void supervise_run(struct supervise_end *end, const struct supervise_work *work,
    struct arena *arena);
