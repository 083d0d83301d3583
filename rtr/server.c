/* SPDX-License-Identifier: BSD-2-Clause */
/* server - see server.h. */
#include "rtr/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

enum {
	ADDRESS_TEXT = 64,
	READ_AT_ONCE = 16384,
	/* A router has one question open at a time; more than this many octets
	 * unanswered is not a router. */
	INPUT_MOST = 131072,
	ACCEPT_PAUSE_MS = 1000,
};

struct listener {
	struct listener *next;
	struct server *server;
	struct evconnlistener *event;
	struct event *resume; /* after the process ran out of descriptors */
	struct server_transport transport;
};

struct client {
	struct client *next, *prev;
	struct server *server;
	struct bufferevent *event;
	struct event *notify; /* pending: a notify is owed */
	struct session session;
	char address[ADDRESS_TEXT];
	const char *transport;
	bool closing; /* close once the output is empty */
	int64_t connected, last_answer, last_reset;
	int64_t notified_ms;
	int64_t serial; /* -1: none sent */
	uint64_t octets_in, octets_out;
};

struct server {
	struct server_config config;
	struct listener *listeners;
	struct client *clients;
	struct map *per_address; /* address to a counter */
	struct server_count count;
};

struct server *
server_new(const struct server_config *config)
{
	struct server *server = mem_zero(1, sizeof(*server));

	server->config = *config;
	server->per_address = map_new();
	return server;
}

/* Counters are kept as small numbers in the map's pointers. */
static unsigned
address_count(const struct server *server, const char *address)
{
	return (unsigned)(uintptr_t)map_get(server->per_address,
	    bytes_of(address, strlen(address)));
}

static void
address_add(struct server *server, const char *address, int n)
{
	struct bytes key = bytes_of(address, strlen(address));
	unsigned now = (unsigned)((int)address_count(server, address) + n);

	if (now == 0) {
		(void)map_remove(server->per_address, key);
	} else {
		(void)map_set(server->per_address, key, (void *)(uintptr_t)now);
	}
}

static void
client_free(struct client *client)
{
	struct server *server = client->server;

	if (client->prev != NULL) {
		client->prev->next = client->next;
	} else {
		server->clients = client->next;
	}
	if (client->next != NULL) {
		client->next->prev = client->prev;
	}
	address_add(server, client->address, -1);
	server->count.clients--;
	event_free(client->notify);
	bufferevent_free(client->event);
	session_clear(&client->session);
	free(client);
}

static void
stream_sent(const void *octets, size_t len, void *stream)
{
	(void)octets;
	(void)len;
	stream_put(stream);
}

/* Lend the stream's octets to the output; no copy is made. */
static void
send_stream(struct client *client, const struct stream *stream)
{
	struct bytes b = stream_octets(stream);

	if (evbuffer_add_reference(bufferevent_get_output(client->event), b.at,
		b.len, stream_sent, (void *)(uintptr_t)stream) != 0) {
		stream_put(stream);
		client->closing = true;
		return;
	}
	client->octets_out += b.len;
	client->server->count.octets_out += b.len;
}

static void
send_octets(struct client *client, const struct octets *o)
{
	(void)bufferevent_write(client->event, o->at, o->len);
	client->octets_out += o->len;
	client->server->count.octets_out += o->len;
}

static void
send_cache_reset(struct client *client)
{
	struct octets o = { 0 };

	pdu_cache_reset(&o, client->session.version);
	send_octets(client, &o);
	octets_clear(&o);
}

static void
answer(struct client *client, const struct session_cache *cache,
    const struct session_answer *a)
{
	const struct server_feed *feed = &client->server->config.feed;
	const struct stream *stream = NULL;

	switch (a->say) {
	case SESSION_NOTHING:
	case SESSION_HANG_UP:
		break;
	case SESSION_FULL:
		stream = feed->full(feed->arg, client->session.version);
		client->last_reset = clock_wall();
		break;
	case SESSION_DELTA:
		stream =
		    feed->since(feed->arg, client->session.version, a->since);
		if (stream == NULL) {
			send_cache_reset(client);
		}
		break;
	case SESSION_RESET:
		send_cache_reset(client);
		break;
	case SESSION_ERROR:
		send_octets(client, &a->report);
		break;
	}
	if (stream != NULL) {
		send_stream(client, stream);
		client->serial = cache->serial;
	}
	client->last_answer = clock_wall();
	client->closing |= a->close;
	if (a->log[0] != '\0') {
		log_info(client->server->config.log, "rtr %s: %s",
		    client->address, a->log);
	}
}

static bool
output_empty(const struct client *client)
{
	return evbuffer_get_length(bufferevent_get_output(client->event)) == 0;
}

/*
 * Closing with unread octets would reset the connection and throw away what
 * was said last; so the sending half is shut first and the rest is read away.
 */
static void
finish(struct client *client)
{
	if (output_empty(client)) {
		(void)shutdown(bufferevent_getfd(client->event), SHUT_WR);
		client_free(client);
	}
}

/* Answer what is complete. One answer waits until the one before has left, so
 * that questions without end cannot fill the memory. */
static void
converse(struct client *client)
{
	const struct server_feed *feed = &client->server->config.feed;

	while (!client->closing && output_empty(client)) {
		struct session_cache cache = { 0 };
		struct session_answer a;

		feed->look(feed->arg, &cache);
		session_answer(&client->session, &cache, &a);
		if (a.say == SESSION_NOTHING) {
			break;
		}
		answer(client, &cache, &a);
		octets_clear(&a.report);
	}
	if (client->closing) {
		finish(client);
	}
}

static void
on_read(struct bufferevent *event, void *arg)
{
	struct client *client = arg;
	uint8_t part[READ_AT_ONCE];
	size_t n;

	while ((n = bufferevent_read(event, part, sizeof(part))) > 0) {
		client->octets_in += n;
		client->server->count.octets_in += n;
		if (!client->closing) {
			session_hear(&client->session, bytes_of(part, n));
		}
	}
	if (client->session.in.len > INPUT_MOST) {
		client_free(client);
		return;
	}
	converse(client);
}

static void
on_written(struct bufferevent *event, void *arg)
{
	(void)event;
	converse(arg);
}

static void
on_event(struct bufferevent *event, short what, void *arg)
{
	struct client *client = arg;

	(void)event;
	if ((what & BEV_EVENT_CONNECTED) != 0) {
		return; /* the TLS handshake */
	}
	if ((what & BEV_EVENT_TIMEOUT) != 0) {
		log_info(client->server->config.log,
		    "rtr %s: cut: it does not read what it asked for",
		    client->address);
	}
	client_free(client);
}

static void
send_notify(struct client *client)
{
	const struct server_feed *feed = &client->server->config.feed;
	struct session_cache cache = { 0 };
	struct octets o = { 0 };

	feed->look(feed->arg, &cache);
	if (!cache.ready || client->closing) {
		return;
	}
	pdu_notify(&o, client->session.version,
	    cache.ids[client->session.version], cache.serial);
	send_octets(client, &o);
	octets_clear(&o);
	client->notified_ms = clock_mono_ms();
}

static void
on_notify(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_notify(arg);
}

static void
notify(struct client *client)
{
	int64_t least = (int64_t)client->server->config.notify_seconds * 1000;
	int64_t wait = client->notified_ms + least - clock_mono_ms();
	struct timeval tv = { 0 };

	if (!session_notifies(&client->session) ||
	    event_pending(client->notify, EV_TIMEOUT, NULL)) {
		return;
	}
	if (client->notified_ms == 0 || wait <= 0) {
		send_notify(client);
		return;
	}
	tv.tv_sec = wait / 1000;
	tv.tv_usec = wait % 1000 * 1000;
	(void)event_add(client->notify, &tv);
}

static void
address_text(const struct sockaddr *sa, char out[ADDRESS_TEXT])
{
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			(void)inet_ntop(AF_INET, in6.sin6_addr.s6_addr + 12,
			    out, ADDRESS_TEXT);
		} else {
			(void)inet_ntop(AF_INET6, &in6.sin6_addr, out,
			    ADDRESS_TEXT);
		}
	} else if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, out, ADDRESS_TEXT);
	} else {
		memcpy(out, "local", sizeof("local"));
	}
}

static void
set_socket(int fd, unsigned keepalive)
{
	int on = 1, idle = (int)keepalive, times = 3;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
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

/* Why this one is not let in, or NULL. */
static const char *
refusal(const struct server *server, const char *address)
{
	const struct server_config *config = &server->config;

	if (config->allow != NULL &&
	    !config->allow(config->allow_arg, address)) {
		return "not on the access list";
	}
	if (server->count.clients >= config->clients) {
		return "too many clients";
	}
	if (address_count(server, address) >= config->per_address) {
		return "too many clients from this address";
	}
	return NULL;
}

static struct client *
client_new(struct listener *listener, int fd, const char *address)
{
	struct server *server = listener->server;
	struct timeval stall = { .tv_sec = server->config.stall_seconds };
	struct client *client;
	struct bufferevent *event =
	    listener->transport.wrap == NULL
		? bufferevent_socket_new(server->config.base, fd,
		      BEV_OPT_CLOSE_ON_FREE)
		: listener->transport.wrap(listener->transport.arg,
		      server->config.base, fd);

	if (event == NULL) {
		return NULL;
	}
	client = mem_zero(1, sizeof(*client));
	client->server = server;
	client->event = event;
	client->notify = evtimer_new(server->config.base, on_notify, client);
	memcpy(client->address, address, ADDRESS_TEXT);
	client->transport = listener->transport.name;
	client->connected = clock_wall();
	client->serial = -1;
	session_init(&client->session);
	client->next = server->clients;
	if (client->next != NULL) {
		client->next->prev = client;
	}
	server->clients = client;
	server->count.clients++;
	server->count.accepted++;
	address_add(server, address, 1);
	bufferevent_setcb(event, on_read, on_written, on_event, client);
	bufferevent_set_timeouts(event, NULL, &stall);
	bufferevent_setwatermark(event, EV_READ, 0, INPUT_MOST);
	(void)bufferevent_enable(event, EV_READ | EV_WRITE);
	return client;
}

static void
on_accept(struct evconnlistener *event, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct listener *listener = arg;
	struct server *server = listener->server;
	char address[ADDRESS_TEXT] = { 0 };
	const char *why;

	(void)event;
	(void)len;
	address_text(sa, address);
	why = refusal(server, address);
	if (why != NULL) {
		server->count.refused++;
		log_info(server->config.log, "rtr %s: refused: %s", address,
		    why);
		close(fd);
		return;
	}
	set_socket(fd, server->config.keepalive_seconds);
	if (client_new(listener, fd, address) == NULL) {
		server->count.refused++;
		close(fd);
	}
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;

	(void)fd;
	(void)what;
	(void)evconnlistener_enable(listener->event);
}

/* Out of descriptors or memory: those who are here are served on; the next
 * are asked in again after a moment. */
static void
on_accept_error(struct evconnlistener *event, void *arg)
{
	struct listener *listener = arg;
	struct timeval pause = { .tv_usec = 0,
		.tv_sec = ACCEPT_PAUSE_MS / 1000 };

	log_warn(listener->server->config.log,
	    "rtr: cannot accept a connection: %s; trying again",
	    strerror(EVUTIL_SOCKET_ERROR()));
	(void)evconnlistener_disable(event);
	(void)event_add(listener->resume, &pause);
}

int
server_listen(struct server *server, int fd,
    const struct server_transport *transport)
{
	struct listener *listener = mem_zero(1, sizeof(*listener));

	listener->server = server;
	listener->transport = *transport;
	(void)evutil_make_socket_nonblocking(fd);
	listener->event = evconnlistener_new(server->config.base, on_accept,
	    listener, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1, fd);
	if (listener->event == NULL) {
		free(listener);
		return -EINVAL;
	}
	listener->resume =
	    evtimer_new(server->config.base, on_resume, listener);
	evconnlistener_set_error_cb(listener->event, on_accept_error);
	listener->next = server->listeners;
	server->listeners = listener;
	return 0;
}

static void
close_listeners(struct server *server)
{
	while (server->listeners != NULL) {
		struct listener *listener = server->listeners;

		server->listeners = listener->next;
		event_free(listener->resume);
		evconnlistener_free(listener->event);
		free(listener);
	}
}

void
server_free(struct server *server)
{
	if (server == NULL) {
		return;
	}
	close_listeners(server);
	while (server->clients != NULL) {
		client_free(server->clients);
	}
	map_free(server->per_address);
	free(server);
}

void
server_changed(struct server *server)
{
	struct client *next;

	for (struct client *c = server->clients; c != NULL; c = next) {
		next = c->next;
		notify(c);
	}
}

void
server_goodbye(struct server *server, enum pdu_error why)
{
	struct client *next;

	close_listeners(server);
	for (struct client *c = server->clients; c != NULL; c = next) {
		struct octets o = { 0 };

		next = c->next;
		if (session_notifies(&c->session) &&
		    pdu_error_known(c->session.version, why)) {
			pdu_error_report(&o, c->session.version, why,
			    bytes_of(NULL, 0), pdu_error_name(why));
			send_octets(c, &o);
			octets_clear(&o);
		}
		c->closing = true;
		finish(c);
	}
}

bool
server_idle(const struct server *server)
{
	return server->clients == NULL;
}

void
server_each(const struct server *server, server_each_fn *each, void *arg)
{
	for (const struct client *c = server->clients; c != NULL; c = c->next) {
		const struct session *s = &c->session;
		struct server_client view = {
			.address = c->address,
			.transport = c->transport,
			.state = s->state,
			.version =
			    s->state == SESSION_FRESH ? -1 : (int)s->version,
			.serial = c->serial,
			.connected = c->connected,
			.last_answer = c->last_answer,
			.last_reset = c->last_reset,
			.octets_in = c->octets_in,
			.octets_out = c->octets_out,
			.resets = s->reset_queries,
			.serials = s->serial_queries,
		};

		each(arg, &view);
	}
}

void
server_count(const struct server *server, struct server_count *out)
{
	*out = server->count;
}
