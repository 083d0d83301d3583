/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * desk - from questions to answers: says at once what is quick, has workers
 * make the rest, and keeps what many will ask for. Knows nothing of sockets.
 *
 *	new -> waiting -> said            (an answer that is whole)
 *	new -> waiting -> said -> waiting (pieces of a bulk look-up)
 */
#pragma once

#include "base/log.h"
#include "output/ask.h"
#include "output/guest.h"
#include "output/response.h"
#include "output/still.h"

struct desk;

struct desk_config {
	struct log *log;
	struct view_source source;
	unsigned threads; /* that render large answers; 0: one */
	void (*http)(void *arg, struct still_http *http); /* connections */
	void *http_arg;
	/* Lets go of an answer that is being read, when all together have too
	 * many octets; false when there is none. NULL: never. */
	bool (*cut)(void *arg);
	void *cut_arg;
	size_t live_octets; /* of answers; 0: the default of base/limits.def */
};

struct desk *desk_new(const struct desk_config *config);
/* Nobody may be waiting any more. NULL is fine. */
void desk_free(struct desk *desk);

/* Give metrics of each RTR client, or of all together as at first. */
void desk_show_routers(struct desk *desk, bool each);

/* One question that is open; in the asker's keeping. */
struct desk_visit {
	/* Called when an answer comes that was waited for: never by
	 * desk_ask() itself. `more`: ask for the next piece by desk_more(). */
	void (*say)(void *arg, const struct response *response, bool more);
	void *arg;
	struct head head;
	struct ask ask;
	struct arena *arena; /* of whatever ask and head point to */
	struct octets body;  /* the desk takes it */
	struct guest *guest; /* who asks; lent */

	/* The desk's. */
	struct desk_visit *next;
	struct desk_visit **list;  /* waited on; NULL: not waiting */
	struct clerk_order *order; /* a bulk look-up between two pieces */
	bool polls;                /* counted among those that wait so */
};

/* The answer, as a reference; NULL: visit->say() will bring it. */
const struct response *desk_ask(struct desk *desk, struct desk_visit *visit);
void desk_more(struct desk *desk, struct desk_visit *visit);

/* The asker is gone, or done. Safe at any time. */
void desk_leave(struct desk *desk, struct desk_visit *visit);

/* Readable when desk_collect() has something to do. */
enum { DESK_BELLS = 2 };
int desk_bell(const struct desk *desk, unsigned which);
void desk_collect(struct desk *desk);

/* There is a new set, serial or report. */
void desk_changed(struct desk *desk);
