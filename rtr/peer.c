/* SPDX-License-Identifier: BSD-2-Clause */
/* peer - see peer.h. */
#include "rtr/peer.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "rtr/outlet.h"

enum {
	/* That libevent holds; the rest waits in the kernel. */
	INPUT_MOST = 2048,
	WRITE_AT_ONCE = 65536,
	/* An answer has this many times the longest pause to be taken whole, so
	 * that a trickle cannot keep old sets in memory for ever. */
	ANSWER_STALLS = 30,
	PARTING_SECONDS = 5,
};

struct peer {
	const struct peer_host *host;
	void *of;
	struct bufferevent *event;
	struct outlet outlet;
	struct event *deadline;
	enum peer_wait wait;
	struct event *notify; /* pending: a notify is owed */
	struct session session;
	struct server_transport transport;
	const char *address;
	bool closing; /* nothing is heard; close once the output is empty */
	bool heard;   /* the router said all it will: end of file */
	/* SESSION_FULL or SESSION_DELTA: asked for and still being made. */
	enum session_say owed;
	uint32_t owed_since;
	int64_t connected, last_answer, last_reset;
	int64_t notified_ms; /* 0: never */
	int64_t serial;      /* -1: none sent */
	bool bereft;         /* told that there is no data: may have let go */
	uint64_t octets_in, octets_out;
};

/* Something to note about this router, unless strangers make too much of it. */
static void
note(struct peer *peer, enum log_level level, const char *text)
{
	struct log *log = peer->host->config->log;
	struct lull *lull = level == LOG_LEVEL_WARN ? peer->host->reports
						    : peer->host->complaints;
	unsigned held = 0;

	if (!lull_over(lull, clock_mono_ms(), &held)) {
		return;
	}
	if (held > 0) {
		log_info(log, "rtr: %u lines about routers were held back",
		    held);
	}
	if (level == LOG_LEVEL_WARN) {
		log_warn(log, "rtr %s: %s", peer->address, text);
	} else {
		log_info(log, "rtr %s: %s", peer->address, text);
	}
}

static unsigned
patience(const struct peer *peer, enum peer_wait wait)
{
	unsigned stall = peer->host->config->limits.stall_seconds;

	switch (wait) {
	case PEER_HELLO:
		return stall;
	case PEER_ANSWER:
		return stall * ANSWER_STALLS;
	case PEER_PARTING:
		return PARTING_SECONDS;
	case PEER_NOTHING:
	case PEER_WAITS:
		break;
	}
	return 0;
}

/* The clock of a wait runs from its beginning. */
static void
await(struct peer *peer, enum peer_wait wait)
{
	struct timeval tv = { .tv_sec = patience(peer, wait) };

	if (wait == peer->wait) {
		return;
	}
	peer->wait = wait;
	if (tv.tv_sec > 0) {
		(void)event_add(peer->deadline, &tv);
	} else {
		(void)event_del(peer->deadline);
	}
}

static void
count_out(struct peer *peer, size_t n)
{
	peer->octets_out += n;
	peer->host->count->octets_out += n;
}

static void
send_stream(struct peer *peer, const struct stream *stream)
{
	count_out(peer, stream_octets(stream).len);
	outlet_lend(&peer->outlet, stream);
}

static void
send_octets(struct peer *peer, const struct octets *o)
{
	count_out(peer, o->len);
	outlet_put(&peer->outlet, octets_bytes(o));
}

static void
send_cache_reset(struct peer *peer)
{
	struct octets o = { 0 };

	pdu_cache_reset(&o, peer->session.version);
	send_octets(peer, &o);
	octets_clear(&o);
}

/* Send what was asked for, or owe it. */
static void
give(struct peer *peer, enum session_say say, uint32_t since)
{
	const struct server_feed *feed = &peer->host->config->feed;
	unsigned version = peer->session.version;
	struct session_cache cache = { 0 };
	bool later = false;
	const struct stream *stream =
	    say == SESSION_FULL
		? feed->full(feed->arg, version, &later)
		: feed->since(feed->arg, version, since, &later);

	peer->owed = later ? say : SESSION_NOTHING;
	peer->owed_since = since;
	if (stream != NULL) {
		feed->look(feed->arg, &cache);
		send_stream(peer, stream);
		peer->serial = cache.serial;
	} else if (!later) {
		send_cache_reset(peer);
	}
}

static void
tell(struct peer *peer, const struct session_answer *a)
{
	peer->owed = SESSION_NOTHING;
	peer->bereft = a->error == PDU_NO_DATA;
	switch (a->say) {
	case SESSION_NOTHING:
	case SESSION_HANG_UP:
		break;
	case SESSION_FULL:
	case SESSION_DELTA:
		give(peer, a->say, a->since);
		break;
	case SESSION_RESET:
		send_cache_reset(peer);
		break;
	case SESSION_ERROR:
		send_octets(peer, &a->report);
		break;
	}
}

static void
answer(struct peer *peer, const struct session_answer *a)
{
	tell(peer, a);
	if (a->say == SESSION_FULL) {
		peer->last_reset = clock_wall();
	}
	peer->last_answer = clock_wall();
	peer->closing |= a->close;
	peer->wait = PEER_WAITS; /* whatever is awaited next begins now */
	if (a->log[0] != '\0') {
		note(peer,
		    a->say == SESSION_HANG_UP ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
		    a->log);
	}
}

/* Nothing to be sent, and nothing being made that will be. */
static bool
all_sent(const struct peer *peer)
{
	return peer->owed == SESSION_NOTHING && outlet_empty(&peer->outlet);
}

/* Move what the session has place for out of libevent's buffer. */
static bool
hear_more(struct peer *peer)
{
	uint8_t part[SESSION_HELD];
	struct evbuffer *in = bufferevent_get_input(peer->event);
	ev_ssize_t n = evbuffer_copyout(in, part, sizeof(part));
	size_t taken;

	if (n <= 0) {
		return false;
	}
	taken = session_hear(&peer->session, bytes_of(part, (size_t)n));
	(void)evbuffer_drain(in, taken);
	peer->octets_in += taken;
	peer->host->count->octets_in += taken;
	return taken > 0;
}

/* Closing with unread octets would reset the connection and throw away what
 * was said last; so the sending half is shut first and the rest read away. */
static void
hang_up(struct peer *peer)
{
	if (peer->wait == PEER_PARTING) {
		return;
	}
	if (peer->transport.finish != NULL) {
		peer->transport.finish(peer->transport.arg, peer->event);
	}
	(void)shutdown(bufferevent_getfd(peer->event), SHUT_WR);
	await(peer, PEER_PARTING);
}

/* Answer what is complete. One answer waits until the one before has left, so
 * that questions without end cannot fill the memory. False: it is over. */
static bool
answer_all(struct peer *peer)
{
	const struct server_feed *feed = &peer->host->config->feed;

	while (!peer->closing && all_sent(peer)) {
		struct session_cache cache = { 0 };
		struct session_answer a;

		feed->look(feed->arg, &cache);
		session_answer(&peer->session, &cache, &a);
		if (a.say != SESSION_NOTHING) {
			answer(peer, &a);
			octets_clear(&a.report);
		} else if (!hear_more(peer)) {
			break;
		}
	}
	outlet_end(&peer->outlet);
	return !peer->heard || !all_sent(peer);
}

static void
converse(struct peer *peer)
{
	if (peer->closing) {
		struct evbuffer *in = bufferevent_get_input(peer->event);

		(void)evbuffer_drain(in, evbuffer_get_length(in));
	}
	if (!answer_all(peer)) {
		peer->host->gone(peer->of);
	} else if (!all_sent(peer)) {
		await(peer, PEER_ANSWER);
	} else if (peer->closing) {
		hang_up(peer);
	} else if (peer->session.state == SESSION_FRESH ||
		   session_waits(&peer->session)) {
		await(peer, PEER_HELLO);
	} else {
		await(peer, PEER_NOTHING);
	}
}

static void
on_read(struct bufferevent *event, void *arg)
{
	struct peer *peer = arg;

	(void)event;
	outlet_begin(&peer->outlet);
	converse(peer);
}

static void
on_written(struct bufferevent *event, void *arg)
{
	struct peer *peer = arg;

	(void)event;
	outlet_more(&peer->outlet);
	converse(peer);
}

/* Why the transport broke, where it can tell. */
static void
note_break(struct peer *peer)
{
	char text[160] = "";

	if (peer->transport.explain != NULL) {
		peer->transport.explain(peer->transport.arg, peer->event, text,
		    sizeof(text));
	}
	if (text[0] != '\0') {
		note(peer, LOG_LEVEL_INFO, text);
	}
}

static void
on_event(struct bufferevent *event, short what, void *arg)
{
	struct peer *peer = arg;

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		return; /* the TLS handshake */
	}
	if ((what & BEV_EVENT_EOF) != 0 && peer->wait != PEER_PARTING) {
		/* It may still wait for what it asked. Within TLS libevent has
		 * stopped both directions. */
		peer->heard = true;
		(void)bufferevent_enable(event, EV_WRITE);
		converse(peer);
		return;
	}
	if ((what & BEV_EVENT_TIMEOUT) != 0) {
		/* No Transport Failure is sent: it would have to wait behind
		 * the very octets that are not taken. */
		note(peer, LOG_LEVEL_INFO,
		    "cut: it does not take what it asked for");
	} else if ((what & BEV_EVENT_ERROR) != 0) {
		note_break(peer);
	}
	peer->host->gone(peer->of);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	static const char *const why[PEER_WAITS] = {
		[PEER_HELLO] = "cut: no whole query came in time",
		[PEER_ANSWER] = "cut: it took too long over one answer",
	};
	struct peer *peer = arg;

	(void)fd;
	(void)what;
	if (why[peer->wait] != NULL) {
		note(peer, LOG_LEVEL_INFO, why[peer->wait]);
	}
	peer->host->gone(peer->of);
}

/* Does it have this serial already, or will it have it? */
static bool
is_served(const struct peer *peer, uint32_t serial)
{
	return peer->owed != SESSION_NOTHING ||
	       (peer->serial == (int64_t)serial && !peer->bereft);
}

static void
send_notify(struct peer *peer)
{
	const struct server_feed *feed = &peer->host->config->feed;
	struct session_cache cache = { 0 };
	struct octets o = { 0 };

	feed->look(feed->arg, &cache);
	if (!cache.ready || peer->closing || is_served(peer, cache.serial)) {
		return;
	}
	pdu_notify(&o, peer->session.version,
	    session_id(&peer->session, &cache), cache.serial);
	outlet_begin(&peer->outlet);
	send_octets(peer, &o);
	octets_clear(&o);
	peer->notified_ms = clock_mono_ms();
}

static void
on_notify(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_notify(arg);
}

void
peer_notify(struct peer *peer)
{
	int64_t least =
	    (int64_t)peer->host->config->limits.notify_seconds * 1000;
	int64_t wait = peer->notified_ms + least - clock_mono_ms();
	struct timeval tv = { 0 };

	if (!session_notifies(&peer->session) ||
	    event_pending(peer->notify, EV_TIMEOUT, NULL)) {
		return;
	}
	if (peer->notified_ms == 0 || wait <= 0) {
		send_notify(peer);
		return;
	}
	tv.tv_sec = wait / 1000;
	tv.tv_usec = wait % 1000 * 1000;
	(void)event_add(peer->notify, &tv);
}

static void
set_up(struct peer *peer, struct bufferevent *event)
{
	struct timeval stall = {
		.tv_sec = peer->host->config->limits.stall_seconds,
	};

	peer->event = event;
	bufferevent_setcb(event, on_read, on_written, on_event, peer);
	if (stall.tv_sec > 0) {
		bufferevent_set_timeouts(event, NULL, &stall);
	}
	bufferevent_setwatermark(event, EV_READ, 0, INPUT_MOST);
	(void)bufferevent_set_max_single_write(event, WRITE_AT_ONCE);
	(void)bufferevent_enable(event, EV_READ | EV_WRITE);
}

struct peer *
peer_new(const struct peer_host *host, void *of, int fd,
    const struct server_transport *transport, const char *address)
{
	struct event_base *base = host->config->base;
	struct bufferevent *event =
	    transport->wrap == NULL
		? bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE)
		: transport->wrap(transport->arg, base, fd);
	struct peer *peer;

	if (event == NULL) {
		(void)evutil_closesocket(fd);
		return NULL;
	}
	peer = mem_zero(1, sizeof(*peer));
	peer->host = host;
	peer->of = of;
	peer->transport = *transport;
	peer->outlet.event = event;
	peer->outlet.plain = transport->wrap == NULL;
	peer->address = address;
	peer->notify = evtimer_new(base, on_notify, peer);
	peer->deadline = evtimer_new(base, on_deadline, peer);
	peer->connected = clock_wall();
	peer->serial = -1;
	session_init(&peer->session);
	set_up(peer, event);
	await(peer, PEER_HELLO);
	return peer;
}

void
peer_free(struct peer *peer)
{
	if (peer == NULL) {
		return;
	}
	event_free(peer->notify);
	event_free(peer->deadline);
	outlet_clear(&peer->outlet);
	bufferevent_free(peer->event);
	session_clear(&peer->session);
	free(peer);
}

void
peer_continue(struct peer *peer)
{
	const struct server_feed *feed = &peer->host->config->feed;
	struct session_answer a = { .say = peer->owed,
		.since = peer->owed_since };
	struct session_cache cache = { 0 };

	if (peer->owed != SESSION_NOTHING && !peer->closing) {
		feed->look(feed->arg, &cache);
		session_resume(&peer->session, &cache, &a);
		tell(peer, &a);
		octets_clear(&a.report);
		converse(peer);
	}
}

void
peer_part(struct peer *peer, enum pdu_error why)
{
	struct octets o = { 0 };

	if (!peer->closing && session_notifies(&peer->session) &&
	    pdu_error_known(peer->session.version, why)) {
		pdu_error_report(&o, peer->session.version, why,
		    bytes_of(NULL, 0), pdu_error_name(why));
		send_octets(peer, &o);
		octets_clear(&o);
	}
	peer->closing = true;
	peer->owed = SESSION_NOTHING;
	if (outlet_empty(&peer->outlet)) {
		hang_up(peer);
	} else {
		await(peer, PEER_ANSWER);
	}
}

bool
peer_parted(const struct peer *peer)
{
	return peer->wait == PEER_PARTING;
}

void
peer_view(const struct peer *peer, struct server_client *view)
{
	const struct session *s = &peer->session;

	*view = (struct server_client){
		.address = peer->address,
		.transport = peer->transport.name,
		.state = s->state,
		.version = s->state == SESSION_FRESH ? -1 : (int)s->version,
		.serial = peer->serial,
		.connected = peer->connected,
		.last_answer = peer->last_answer,
		.last_reset = peer->last_reset,
		.octets_in = peer->octets_in,
		.octets_out = peer->octets_out,
		.resets = s->reset_queries,
		.serials = s->serial_queries,
	};
}
