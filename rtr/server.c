/* SPDX-License-Identifier: BSD-2-Clause */
/* server - see server.h. */
#include "rtr/server.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ip.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/porch.h"
#include "base/text.h"
#include "rtr/lull.h"
#include "rtr/peer.h"

enum {
	BACKLOG = 4096,     /* routers all come back at once after an outage */
	TELL_AT_ONCE = 256, /* then others on the loop have their turn */
	/* What may stand unsent in the kernel for one client. */
	UNSENT_MOST = 65536,
};

struct listener {
	struct listener *next;
	struct server *server;
	struct porch *porch;
	struct server_transport transport;
};

/* A place among those connected. */
struct place {
	struct place *next, *prev;
	struct server *server;
	struct peer *peer;
	char address[IP_TEXT];
	char holder[IP_TEXT]; /* of the address, with all that are his */
};

struct server {
	struct server_config config;
	struct peer_host host;
	struct listener *listeners;
	struct place *places;
	struct event *telling;  /* goes on with: */
	struct place *untold;   /* and all after it; NULL: all were told */
	struct map *per_holder; /* of addresses: a counter */
	struct server_count count;
	struct lull refusals, complaints, reports;
};

/* Counters are kept as small numbers in the map's pointers. */
static unsigned
holder_count(const struct server *server, const char *holder)
{
	const void *count = map_get(server->per_holder, text_bytes(holder));

	return (unsigned)(uintptr_t)count;
}

static void
holder_add(struct server *server, const char *holder, int n)
{
	struct bytes key = text_bytes(holder);
	unsigned now = (unsigned)((int)holder_count(server, holder) + n);

	if (now == 0) {
		(void)map_remove(server->per_holder, key);
	} else {
		(void)map_set(server->per_holder, key, (void *)(uintptr_t)now);
	}
}

static void
leave(void *of)
{
	struct place *place = of;
	struct server *server = place->server;

	if (server->untold == place) {
		server->untold = place->next;
	}
	if (place->prev != NULL) {
		place->prev->next = place->next;
	} else {
		server->places = place->next;
	}
	if (place->next != NULL) {
		place->next->prev = place->prev;
	}
	holder_add(server, place->holder, -1);
	server->count.clients--;
	peer_free(place->peer);
	free(place);
}

/* Takes the fd. False when it cannot be spoken through. */
static bool
enter(struct listener *listener, int fd, const char *address)
{
	struct server *server = listener->server;
	struct place *place = mem_zero(1, sizeof(*place));

	place->server = server;
	snprintf(place->address, sizeof(place->address), "%s", address);
	ip_holder_text(address, place->holder);
	place->peer = peer_new(&server->host, place, fd, &listener->transport,
	    place->address);
	if (place->peer == NULL) {
		free(place);
		return false;
	}
	place->next = server->places;
	if (place->next != NULL) {
		place->next->prev = place;
	}
	server->places = place;
	server->count.clients++;
	server->count.accepted++;
	holder_add(server, place->holder, 1);
	return true;
}

static void
set_socket(int fd, unsigned keepalive)
{
	int on = 1, idle = (int)keepalive, times = 3, unsent = UNSENT_MOST;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
	    sizeof(unsent));
	if (keepalive > 0) {
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
		(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle,
		    sizeof(idle));
		(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle,
		    sizeof(idle));
		(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times,
		    sizeof(times));
	}
}

static bool
allowed(const struct server *server, const char *address)
{
	const struct server_config *config = &server->config;

	return config->allow == NULL ||
	       config->allow(config->allow_arg, address);
}

/* Has this address, or its network, as many as it may have? */
static bool
has_enough(const struct server *server, const char *address)
{
	char holder[IP_TEXT];

	ip_holder_text(address, holder);
	return holder_count(server, holder) >=
	       server->config.limits.per_address;
}

/* Why this one is not let in, or NULL. */
static const char *
refusal(const struct listener *listener, const char *address)
{
	const struct server *server = listener->server;

	if (!allowed(server, address)) {
		return "not on the access list";
	}
	if (server->count.clients >= server->config.limits.clients) {
		return "too many clients";
	}
	if (!listener->transport.shared && has_enough(server, address)) {
		return "too many clients from this address, or from its "
		       "network";
	}
	return NULL;
}

static void
refuse(struct server *server, const char *address, const char *why)
{
	unsigned held = 0;

	server->count.refused++;
	if (lull_over(&server->refusals, clock_mono_ms(), &held)) {
		log_info(server->config.log,
		    "rtr %s: refused: %s (%u more before)", address, why, held);
	}
}

static void
on_come(void *arg, int fd, const char *address)
{
	struct listener *listener = arg;
	struct server *server = listener->server;
	const char *why = refusal(listener, address);

	if (why != NULL) {
		refuse(server, address, why);
		close(fd);
		return;
	}
	set_socket(fd, server->config.limits.keepalive_seconds);
	if (!enter(listener, fd, address)) {
		refuse(server, address, "its transport cannot be set up");
	}
}

static void
tell_some(struct server *server)
{
	struct timeval next_turn = { 0 };

	for (unsigned n = 0; n < TELL_AT_ONCE && server->untold != NULL; n++) {
		struct place *place = server->untold;

		server->untold = place->next;
		peer_notify(place->peer);
	}
	if (server->untold != NULL) {
		(void)event_add(server->telling, &next_turn);
	}
}

static void
on_telling(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell_some(arg);
}

struct server *
server_new(const struct server_config *config)
{
	struct server *server = mem_zero(1, sizeof(*server));

	server->config = *config;
	server->per_holder = map_new();
	server->telling = evtimer_new(config->base, on_telling, server);
	server->host = (struct peer_host){
		.config = &server->config,
		.count = &server->count,
		.complaints = &server->complaints,
		.reports = &server->reports,
		.gone = leave,
	};
	return server;
}

int
server_listen(struct server *server, int fd,
    const struct server_transport *transport)
{
	struct listener *listener = mem_zero(1, sizeof(*listener));
	const struct porch_host host = {
		.base = server->config.base,
		.log = server->config.log,
		.what = "rtr",
		.backlog = BACKLOG,
		.come = on_come,
		.arg = listener,
	};

	listener->server = server;
	listener->transport = *transport;
	listener->porch = porch_new(&host, fd);
	if (listener->porch == NULL) {
		free(listener);
		return -EINVAL;
	}
	listener->next = server->listeners;
	server->listeners = listener;
	return 0;
}

void
server_unlisten(struct server *server)
{
	while (server->listeners != NULL) {
		struct listener *listener = server->listeners;

		server->listeners = listener->next;
		porch_free(listener->porch);
		free(listener);
	}
}

void
server_limit(struct server *server, const struct server_limits *limits)
{
	server->config.limits = *limits;
}

void
server_recheck(struct server *server)
{
	struct place *next;

	for (struct place *p = server->places; p != NULL; p = next) {
		next = p->next;
		if (!allowed(server, p->address)) {
			refuse(server, p->address, "not on the access list");
			leave(p);
		}
	}
}

void
server_free(struct server *server)
{
	if (server == NULL) {
		return;
	}
	server_unlisten(server);
	while (server->places != NULL) {
		leave(server->places);
	}
	map_free(server->per_holder);
	event_free(server->telling);
	free(server);
}

void
server_changed(struct server *server)
{
	server->untold = server->places;
	tell_some(server);
}

void
server_continue(struct server *server)
{
	struct place *next;

	for (struct place *p = server->places; p != NULL; p = next) {
		next = p->next;
		peer_continue(p->peer);
	}
}

void
server_goodbye(struct server *server, enum pdu_error why)
{
	server_unlisten(server);
	for (struct place *p = server->places; p != NULL; p = p->next) {
		peer_part(p->peer, why);
	}
}

bool
server_idle(const struct server *server)
{
	for (const struct place *p = server->places; p != NULL; p = p->next) {
		if (!peer_parted(p->peer)) {
			return false;
		}
	}
	return true;
}

void
server_each(const struct server *server, server_each_fn *each, void *arg)
{
	for (const struct place *p = server->places; p != NULL; p = p->next) {
		struct server_client view;

		peer_view(p->peer, &view);
		each(arg, &view);
	}
}

void
server_count(const struct server *server, struct server_count *out)
{
	*out = server->count;
}
