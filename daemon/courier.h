/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * courier - listens to one engine on a worker's thread and comes back whenever
 * there is something to tell, so that the event loop never waits or sorts.
 *
 * The errand travels with the job: whoever has the job owns it.
 */
#pragma once

#include <stdatomic.h>

#include "daemon/dialogue.h"
#include "payload/account.h"

/* What came since it was sent out last. */
enum courier_news {
	COURIER_PROGRESS, /* progress, or only time has passed */
	COURIER_SET,      /* a set was sealed */
	COURIER_END,      /* the engine will say no more: end, code, why */
	COURIER_LATE,     /* it overstayed: to be killed */
};

struct courier {
	struct log *log;
	struct dialogue dialogue;
	struct dialogue_ears ears;
	struct arena *arena;
	int fd;   /* the engine's socket; owned */
	int bell; /* an eventfd; written to when the engine shall end */
	bool stopping;
	int64_t hello_by_ms, end_by_ms; /* 0: no end */
	/* Told, and then the taker's. */
	enum courier_news news;
	const struct snapshot *snapshot; /* of COURIER_SET; a reference */
	const struct account *account;   /* of COURIER_SET; a reference */
	struct wire_seal seal;
	struct wire_progress progress;
};

/* Takes the socket. The policy is encoded at once and not kept. */
struct courier *courier_new(int fd, const struct policy *policy,
    struct log *log);
void courier_free(struct courier *courier); /* NULL is fine */

/* Ask the engine to end soon; from any thread. */
void courier_stop(struct courier *courier);

/* Listen until there is news. */
void courier_listen(struct courier *courier);
