/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client - a router's side of RPKI-to-Router (versions 0, 1 and 2): pure.
 *
 * Takes the octets of a cache as they come, keeps its set, says what to send.
 * Connecting, waiting and sending are the caller's business.
 *
 *	idle -> asked -> taking -> idle
 *	any of them -> failed
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"
#include "payload/delta.h"
#include "payload/snapshot.h"
#include "rtr/pdu.h"

enum client_state {
	CLIENT_IDLE,   /* nothing is asked */
	CLIENT_ASKED,  /* a query is out */
	CLIENT_TAKING, /* Cache Response came, End of Data not yet */
	CLIENT_FAILED, /* the session is over */
	CLIENT_STATES
};

enum client_event {
	CLIENT_NOTHING, /* needs more octets */
	CLIENT_WHOLE,   /* an answer is complete: see client_set() */
	CLIENT_NEWS,    /* Serial Notify: worth asking now */
	CLIENT_ASKS,    /* it has to ask again: the query is in `out` */
	CLIENT_LATER,   /* the cache has nothing now: ask after `retry` */
	CLIENT_LOWER,   /* connect again and ask: a version lower than before */
	CLIENT_ENDED,   /* the cache closes: connect again after `retry` */
	CLIENT_SHUT,    /* the same, and what was held is forgotten */
	CLIENT_BROKEN,  /* a rule was broken, or the cache says so: see why; and
			   what was held is forgotten */
	CLIENT_REFUSED, /* the same: there is no version that both speak */
};

struct client;

/* `name` of the cache for items and texts. Begins with version `highest`. No
 * answer may be longer than `most` octets. */
struct client *client_new(const char *name, unsigned highest, size_t most);
void client_free(struct client *client); /* NULL is fine */

/* On a new connection, or when it is time: a Serial Query where a set is held,
 * else a Reset Query. Nothing while an answer is awaited. */
void client_ask(struct client *client, struct octets *out);

/* More octets of the cache. */
void client_hear(struct client *client, struct bytes more);

/* What they mean; call until CLIENT_NOTHING. What must be sent is appended to
 * `out`. */
enum client_event client_next(struct client *client, struct octets *out);

/* The connection is over, and another one may begin. What was held stays. */
void client_part(struct client *client);

/* The same, where the cache ended it. True: a lower version may be what it
 * wants, connect again at once. */
bool client_lost(struct client *client);

/* The expire time is over since the last answer: what is held is forgotten, as
 * client_change() then says. For a connection that was lost. */
void client_expire(struct client *client);

/* The set held, or NULL; and what the last answer changed. Lent. */
const struct snapshot *client_set(const struct client *client);
const struct delta *client_change(const struct client *client);

enum client_state client_state(const struct client *client);
unsigned client_version(const struct client *client);
uint16_t client_session(const struct client *client);
uint32_t client_serial(const struct client *client);
/* As the cache said, or the defaults of RFC 8210 6. */
struct pdu_timing client_timing(const struct client *client);
/* One line, escaped; empty when nothing went wrong. */
const char *client_why(const struct client *client);
