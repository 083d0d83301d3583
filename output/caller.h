/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * caller - one HTTP connection: hears requests one after the other and says
 * answers, within ceilings of octets and of time.
 *
 *	head -> body -> asking -> waiting -> sending -> head
 *	any of them -> parting -> gone
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "output/desk.h"
#include "output/guest.h"

struct bufferevent;
struct event_base;
struct caller;

enum caller_state {
	CALLER_HEAD,    /* a request's head is to come */
	CALLER_BODY,    /* its body is coming */
	CALLER_ASKING,  /* the request is whole */
	CALLER_WAITING, /* somebody works on the answer */
	CALLER_SENDING, /* the answer, or a piece of it, leaves */
	CALLER_PARTING, /* the last octets leave, what comes is not heard */
	CALLER_GONE,
	CALLER_STATES
};

/* What all callers share. */
struct caller_room {
	struct event_base *base;
	struct log *log;
	struct desk *desk;
	size_t request_octets, body_octets, bulk_octets;
	unsigned seconds;

	/* Theirs. */
	struct caller *all;
	uint64_t requests, octets_in, octets_out;
};

/* Says that nothing more will be sent; NULL where nothing need be said. */
typedef void caller_finish(void *unused, struct bufferevent *event);

/* Takes the bufferevent, and the guest with the connection he has taken. */
void caller_new(struct caller_room *room, struct bufferevent *event,
    const char *address, struct guest *guest, caller_finish *finish);

/*
 * Cut one of those who read a large answer: of the guest with most connections
 * the one who has been at it for longest. False: there is none.
 */
bool caller_cut(struct caller_room *room);

/*
 * Cut one, so that this guest may have its place: of the guest with most
 * connections one that has asked for nothing, if there is any, for longest.
 * False: nobody would still have as many as he then.
 */
bool caller_yield(struct caller_room *room, const struct guest *to);

/* All of them, at once. */
void caller_free_all(struct caller_room *room);
