/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web - HTTP on the service's event loop.
 *
 * Whatever takes long is done by workers; large answers are rendered once a
 * serial and kept. What a client does wrong costs that client alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "output/view.h"

struct bufferevent;
struct event_base;
struct web;

struct web_config {
	struct event_base *base;
	struct log *log;
	struct view_source source;
	/* Ceilings; 0 takes the default of base/limits.def. These of clients,
	 * of bulk look-ups and the metrics may be changed by web_limit(). Of
	 * what all share one address may take half (output/guest.h). */
	unsigned clients;      /* connections at once */
	size_t request_octets; /* of a request's head */
	size_t body_octets;    /* of a request's body */
	size_t bulk_octets;    /* of the body of a bulk look-up */
	size_t live_octets;    /* of answers that are kept or being read */
	unsigned head_seconds; /* for a whole request head or body to come, and
				  without progress in sending the answer */
	unsigned threads;      /* that render; 0: one */
	bool router_metrics;   /* metrics of each RTR client */
};

/* From now on the log keeps its last lines, for /log. */
struct web *web_new(const struct web_config *config);
/* Closes listeners and connections at once. NULL is fine. */
void web_free(struct web *web);

/* How octets travel: NULL wrap is plain TCP. As rtr/server.h has it. */
struct web_transport {
	struct bufferevent *(*wrap)(void *arg, struct event_base *base,
	    int fd); /* owns fd; NULL when it cannot */
	void *arg;
	/* Say that nothing more will be sent (close_notify); may be NULL. */
	void (*finish)(void *unused, struct bufferevent *event);
};

/* Take a bound, listening socket, plain when transport is NULL. 0 or -errno:
 * then the socket is still the caller's. */
int web_listen(struct web *web, int fd, const struct web_transport *transport);

/* Stop taking connections from this socket and close it; those that came by
 * it live on. */
void web_unlisten(struct web *web, int fd);

/* There is a new set, serial or report: answers are to be made anew, and who
 * waits for a serial is told. */
void web_changed(struct web *web);

/* Other ceilings from now on, as struct web_config has them. Nobody is cut. */
struct web_limits {
	unsigned clients;
	size_t request_octets, body_octets, bulk_octets;
	bool router_metrics;
};
void web_limit(struct web *web, const struct web_limits *limits);

struct web_count {
	unsigned clients; /* now */
	uint64_t accepted, refused, requests, octets_in, octets_out;
};
void web_count(const struct web *web, struct web_count *out);
