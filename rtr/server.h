/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * server - routers on one event loop: accept, hear, answer, notify.
 *
 * Answers come from a feed and are shared: a client costs a cursor, not a
 * copy. A reader that makes no progress is cut and never felt by others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "rtr/session.h"
#include "rtr/stream.h"

struct bufferevent;
struct event_base;
struct server;

/*
 * Where answers come from. Streams are given as one reference each. NULL with
 * *later: it is being made, and the router waits until server_continue().
 */
struct server_feed {
	void *arg;
	void (*look)(void *arg, struct session_cache *cache);
	const struct stream *(*full)(void *arg, unsigned version, bool *later);
	/* What changed after `serial`; NULL and not later: it cannot be said
	 * any more. */
	const struct stream *(
	    *since)(void *arg, unsigned version, uint32_t serial, bool *later);
};

/* How octets travel: NULL wrap is plain TCP. */
struct server_transport {
	const char *name; /* "tcp", "tls" */
	/* Routers come by way of something else, so that the address is not
	 * theirs: none of them is too many from it. */
	bool shared;
	struct bufferevent *(*wrap)(void *arg, struct event_base *base,
	    int fd); /* owns fd; NULL when it cannot, and then it does not */
	void *arg;
	/* Say that nothing more will be sent (close_notify); may be NULL. */
	void (*finish)(void *arg, struct bufferevent *event);
	/* Why it broke, in words; may be NULL or leave the text empty. */
	void (*explain)(void *arg, struct bufferevent *event, char *text,
	    size_t size);
};

struct server_limits {
	unsigned clients; /* at most, in all */
	/* At most from one IPv4 address, or one IPv6 network of 64 bits. */
	unsigned per_address;
	/* Without progress in writing, and for a query to come whole; thirty
	 * times as long for one answer. */
	unsigned stall_seconds;
	unsigned keepalive_seconds; /* 0: off */
	unsigned notify_seconds;    /* least time between notifies to one */
};

struct server_config {
	struct event_base *base;
	struct log *log;
	struct server_feed feed;
	struct server_limits limits;
	/* May this address connect? NULL: any. */
	bool (*allow)(void *arg, const char *address);
	void *allow_arg;
};

struct server *server_new(const struct server_config *config);
/* Closes listeners and clients at once. NULL is fine. */
void server_free(struct server *server);

/* Take a bound, listening socket; owned from then on. 0 or -errno. */
int server_listen(struct server *server, int fd,
    const struct server_transport *transport);

/* Close the listeners; clients stay. What follows is server_listen() for each
 * socket of a new configuration. */
void server_unlisten(struct server *server);

/* Other limits from now on: for those who come, and for what is asked next by
 * those who are here. Nobody is cut. */
void server_limit(struct server *server, const struct server_limits *limits);

/* The access list changed: cut clients that are not on it any more. */
void server_recheck(struct server *server);

/* There is a new serial: tell every client that was not told lately. */
void server_changed(struct server *server);

/* Something that was being made is there: answer those who wait for it. */
void server_continue(struct server *server);

/* A parting Error Report (Cache Restart or Cache Shutdown) to the sessions
 * whose version has one, then close when it was sent. */
void server_goodbye(struct server *server, enum pdu_error why);
bool server_idle(const struct server *server); /* all were told, or gone */

struct server_client {
	const char *address, *transport;
	enum session_state state;
	int version;    /* -1: none yet */
	int64_t serial; /* last sent in full; -1: none */
	int64_t connected, last_answer, last_reset; /* wall; 0: never */
	uint64_t octets_in, octets_out, resets, serials;
};
typedef void server_each_fn(void *arg, const struct server_client *client);
void server_each(const struct server *server, server_each_fn *each, void *arg);

struct server_count {
	unsigned clients;
	uint64_t accepted, refused, octets_in, octets_out;
};
void server_count(const struct server *server, struct server_count *out);
