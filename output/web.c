/* SPDX-License-Identifier: BSD-2-Clause */
/* web - see web.h. Takes connections; callers do the rest. */
#include "output/web.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/porch.h"
#include "output/caller.h"
#include "output/desk.h"
#include "output/guest.h"

enum { TOLD_MS = 60000 }; /* how often it is said that places are taken */

struct listener {
	struct listener *next;
	struct web *web;
	struct porch *porch;
	struct web_transport transport;
};

struct web {
	struct web_config config;
	struct guest_book *book;
	struct desk *desk;
	struct event *bells[DESK_BELLS];
	struct listener *listeners;
	struct caller_room room;
	int64_t told_ms; /* that all places are taken; 0: never */
	uint64_t accepted, refused;
};

static void
on_bell(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;

	(void)fd;
	(void)what;
	desk_collect(web->desk);
}

static void
count_http(void *arg, struct still_http *http)
{
	struct web_count count;

	web_count(arg, &count);
	http->clients = count.clients;
	http->accepted = count.accepted;
	http->refused = count.refused;
	http->requests = count.requests;
	http->octets_in = count.octets_in;
	http->octets_out = count.octets_out;
}

static bool
cut(void *arg)
{
	struct web *web = arg;

	return caller_cut(&web->room);
}

static size_t
or_else(size_t asked, size_t otherwise)
{
	return asked == 0 ? otherwise : asked;
}

void
web_limit(struct web *web, const struct web_limits *limits)
{
	size_t clients = or_else(limits->clients, LIMIT_HTTP_CLIENTS);
	size_t bulk = or_else(limits->bulk_octets, LIMIT_HTTP_BULK);

	guest_book_set(web->book, GUEST_CONNECTIONS, clients);
	guest_book_set(web->book, GUEST_POLLS, (clients + 1) / 2);
	guest_book_set(web->book, GUEST_QUICK, LIMIT_HTTP_QUICK);
	guest_book_set(web->book, GUEST_RENDERS, LIMIT_HTTP_RENDERS);
	guest_book_set(web->book, GUEST_BULKS, LIMIT_HTTP_BULKS);
	guest_book_set(web->book, GUEST_BODIES,
	    2 * bulk > LIMIT_HTTP_BODIES ? 2 * bulk : LIMIT_HTTP_BODIES);
	web->room.request_octets =
	    or_else(limits->request_octets, LIMIT_HTTP_REQUEST);
	web->room.body_octets = or_else(limits->body_octets, LIMIT_HTTP_BODY);
	web->room.bulk_octets = bulk;
	desk_show_routers(web->desk, limits->router_metrics);
}

struct web *
web_new(const struct web_config *config)
{
	struct web *web = mem_zero(1, sizeof(*web));
	struct web_limits limits = {
		.clients = config->clients,
		.request_octets = config->request_octets,
		.body_octets = config->body_octets,
		.bulk_octets = config->bulk_octets,
		.router_metrics = config->router_metrics,
	};
	struct desk_config desk = {
		.log = config->log,
		.source = config->source,
		.threads = config->threads,
		.http = count_http,
		.http_arg = web,
		.cut = cut,
		.cut_arg = web,
		.live_octets = config->live_octets,
	};

	web->config = *config;
	if (config->log != NULL) {
		log_keep(config->log, LIMIT_HTTP_LOG);
	}
	web->book = guest_book_new();
	web->desk = desk_new(&desk);
	web->room = (struct caller_room){
		.base = config->base,
		.log = config->log,
		.desk = web->desk,
		.seconds =
		    (unsigned)or_else(config->head_seconds, LIMIT_HTTP_SECONDS),
	};
	web_limit(web, &limits);
	for (unsigned i = 0; i < DESK_BELLS; i++) {
		web->bells[i] = event_new(config->base, desk_bell(web->desk, i),
		    EV_READ | EV_PERSIST, on_bell, web);
		(void)event_add(web->bells[i], NULL);
	}
	return web;
}

/* --- connections */

/* Not each time that one leaves and another comes. */
static void
warn(struct web *web, const char *address, const char *what)
{
	int64_t now = clock_mono_ms();

	if (web->told_ms == 0 || now - web->told_ms >= TOLD_MS) {
		web->told_ms = now;
		log_warn(web->config.log,
		    "http %s: %s: %zu are open, the most that are taken, or "
		    "half of those from here",
		    address, what,
		    guest_book_taken(web->book, GUEST_CONNECTIONS));
	}
}

/* A place for one more of this guest's: a free one, or one of whoever has
 * most. */
static bool
find_place(struct web *web, struct guest *guest, const char *address)
{
	bool found = guest_take(guest, GUEST_CONNECTIONS, 1);

	if (!found) {
		found = caller_yield(&web->room, guest) &&
			guest_take(guest, GUEST_CONNECTIONS, 1);
		warn(web, address,
		    found ? "takes the place of another's connection"
			  : "refusing connections");
	}
	return found;
}

static void
on_come(void *arg, int fd, const char *address)
{
	struct listener *listener = arg;
	struct web *web = listener->web;
	struct guest *guest = guest_of(web->book, address);
	struct bufferevent *stream;
	int on = 1;

	if (!find_place(web, guest, address)) {
		web->refused++;
		close(fd);
		guest_put(guest);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	stream = listener->transport.wrap == NULL
		     ? bufferevent_socket_new(web->config.base, fd,
			   BEV_OPT_CLOSE_ON_FREE)
		     : listener->transport.wrap(listener->transport.arg,
			   web->config.base, fd);
	if (stream == NULL) {
		web->refused++;
		close(fd);
		guest_give(guest, GUEST_CONNECTIONS, 1);
		guest_put(guest);
		return;
	}
	web->accepted++;
	caller_new(&web->room, stream, address, guest,
	    listener->transport.finish);
}

int
web_listen(struct web *web, int fd, const struct web_transport *transport)
{
	struct listener *listener = mem_zero(1, sizeof(*listener));
	const struct porch_host host = {
		.base = web->config.base,
		.log = web->config.log,
		.what = "http",
		.backlog = -1,
		.come = on_come,
		.arg = listener,
	};

	listener->web = web;
	if (transport != NULL) {
		listener->transport = *transport;
	}
	listener->porch = porch_new(&host, fd);
	if (listener->porch == NULL) {
		free(listener);
		return -EINVAL;
	}
	listener->next = web->listeners;
	web->listeners = listener;
	return 0;
}

static void
listener_free(struct listener *listener)
{
	porch_free(listener->porch);
	free(listener);
}

void
web_unlisten(struct web *web, int fd)
{
	for (struct listener **at = &web->listeners; *at != NULL;
	     at = &(*at)->next) {
		struct listener *listener = *at;

		if (porch_fd(listener->porch) == fd) {
			*at = listener->next;
			listener_free(listener);
			return;
		}
	}
}

void
web_free(struct web *web)
{
	if (web == NULL) {
		return;
	}
	while (web->listeners != NULL) {
		struct listener *listener = web->listeners;

		web->listeners = listener->next;
		listener_free(listener);
	}
	caller_free_all(&web->room);
	for (unsigned i = 0; i < DESK_BELLS; i++) {
		event_free(web->bells[i]);
	}
	desk_free(web->desk);
	guest_book_free(web->book);
	free(web);
}

void
web_changed(struct web *web)
{
	desk_changed(web->desk);
}

void
web_count(const struct web *web, struct web_count *out)
{
	*out = (struct web_count){
		.clients =
		    (unsigned)guest_book_taken(web->book, GUEST_CONNECTIONS),
		.accepted = web->accepted,
		.refused = web->refused,
		.requests = web->room.requests,
		.octets_in = web->room.octets_in,
		.octets_out = web->room.octets_out,
	};
}
