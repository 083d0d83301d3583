/* SPDX-License-Identifier: BSD-2-Clause */
/* caller - see caller.h. */
#include "output/caller.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/ip.h"
#include "base/mem.h"
#include "output/delivery.h"

enum {
	PARTING_SECONDS = 2,
	PARTING_OCTETS = 1 << 20,
	/* Who is slower than this is not served to the end. */
	BODY_PER_SECOND = 1 << 16,
	ANSWER_PER_SECOND = 1 << 14,
	LARGE_OCTETS = 1 << 16, /* left of an answer that is worth cutting */
};

struct caller {
	struct caller *next, *prev;
	struct caller_room *room;
	struct bufferevent *event;
	caller_finish *finish; /* or NULL */
	struct event *timer;
	enum caller_state state;
	int64_t since_ms; /* in it */
	char address[IP_TEXT];

	struct desk_visit visit; /* the request at hand */
	size_t promised;         /* room for its body */
	size_t taken;            /* octets of its body so far */
	size_t seen;             /* octets of a head that has not ended */
	bool late;               /* the time for this state is over */
	bool ended;              /* the client will send no more */
	bool shut;               /* we will send no more */
	size_t ignored;          /* octets, in parting */

	const struct response *response; /* come, not yet sent; a reference */
	struct delivery delivery;
};

static void
forget_request(struct caller *caller)
{
	desk_leave(caller->room->desk, &caller->visit);
	response_put(caller->response);
	caller->response = NULL;
	delivery_clear(&caller->delivery);
	guest_give(caller->visit.guest, GUEST_BODIES, caller->promised);
	caller->promised = 0;
	caller->taken = 0;
	arena_reset(caller->visit.arena);
}

static void
caller_free(struct caller *caller)
{
	struct caller_room *room = caller->room;

	forget_request(caller);
	if (caller->prev != NULL) {
		caller->prev->next = caller->next;
	} else {
		room->all = caller->next;
	}
	if (caller->next != NULL) {
		caller->next->prev = caller->prev;
	}
	guest_give(caller->visit.guest, GUEST_CONNECTIONS, 1);
	guest_put(caller->visit.guest);
	event_free(caller->timer);
	bufferevent_free(caller->event);
	arena_free(caller->visit.arena);
	free(caller);
}

void
caller_free_all(struct caller_room *room)
{
	while (room->all != NULL) {
		caller_free(room->all);
	}
}

/* Connections of whose it is. */
static size_t
siblings(const struct caller *caller)
{
	return guest_has(caller->visit.guest, GUEST_CONNECTIONS);
}

/* Is this one rather to be cut than that one? Who has asked for nothing loses
 * nothing; of two alike it is the older one, which comes later in the list. */
static bool
weighs_more(const struct caller *a, const struct caller *b)
{
	bool idle_a = a->state == CALLER_HEAD, idle_b = b->state == CALLER_HEAD;

	if (siblings(a) != siblings(b)) {
		return siblings(a) > siblings(b);
	}
	return idle_a != idle_b ? idle_a : a->since_ms <= b->since_ms;
}

bool
caller_cut(struct caller_room *room)
{
	struct caller *found = NULL;

	for (struct caller *at = room->all; at != NULL; at = at->next) {
		if (at->state == CALLER_SENDING &&
		    delivery_left(&at->delivery) >= LARGE_OCTETS &&
		    (found == NULL || weighs_more(at, found))) {
			found = at;
		}
	}
	if (found == NULL) {
		return false;
	}
	log_info(room->log,
	    "http %s: cut: too much is being read, and it has most connections",
	    found->address);
	delivery_drop(&found->delivery);
	caller_free(found);
	return true;
}

bool
caller_yield(struct caller_room *room, const struct guest *to)
{
	struct caller *found = room->all;

	for (struct caller *at = room->all; at != NULL; at = at->next) {
		if (weighs_more(at, found)) {
			found = at;
		}
	}
	if (found == NULL ||
	    siblings(found) <= guest_has(to, GUEST_CONNECTIONS) + 1) {
		return false;
	}
	log_debug(room->log,
	    "http %s: cut: it has most connections, and all "
	    "places are taken",
	    found->address);
	caller_free(found);
	return true;
}

/* --- sending */

/* The answer that has come, whole or as a piece. */
static enum caller_state
send_answer(struct caller *caller)
{
	const struct head *head = &caller->visit.head;

	if (!caller->delivery.begun) {
		log_debug(caller->room->log, "http %s: %.*s: %u",
		    caller->address, (int)head->path.len,
		    (const char *)head->path.at,
		    response_of(caller->response)->status);
	}
	delivery_put(&caller->delivery, caller->response, head);
	response_put(caller->response);
	caller->response = NULL;
	return CALLER_SENDING;
}

static enum caller_state
refuse(struct caller *caller, unsigned status, const char *why)
{
	const struct ask *ask = &caller->visit.ask;
	const struct response *plain = response_line(status, why, ask->json);

	if (status == 405) {
		struct response_parts parts = *response_of(plain);

		parts.allow = ask_methods(ask->methods);
		parts.body = (struct octets){ 0 };
		octets_add_bytes(&parts.body,
		    octets_bytes(&response_of(plain)->body));
		response_put(plain);
		plain = response_new(&parts);
	}
	caller->response = plain;
	return send_answer(caller);
}

/* Nothing that follows can be understood. */
static enum caller_state
refuse_and_part(struct caller *caller, unsigned status, const char *why)
{
	caller->delivery.last = true;
	return refuse(caller, status, why);
}

/* --- hearing */

static struct evbuffer *
input(const struct caller *caller)
{
	return bufferevent_get_input(caller->event);
}

/* May a body of this length come? Else a refusal. */
static struct head_refusal
admit_body(struct caller *caller, uint64_t length)
{
	struct caller_room *room = caller->room;
	bool bulk = caller->visit.ask.what == ASK_BULK;

	if (length > (bulk ? room->bulk_octets : room->body_octets)) {
		return (struct head_refusal){ 413, "the body is too large" };
	}
	if (bulk &&
	    !guest_take(caller->visit.guest, GUEST_BODIES, (size_t)length)) {
		return (struct head_refusal){ 503,
			"too many large bodies at once; try again" };
	}
	if (bulk) {
		caller->promised = (size_t)length;
	}
	return (struct head_refusal){ 0, NULL };
}

static enum caller_state
take_head(struct caller *caller, struct bytes octets)
{
	struct desk_visit *visit = &caller->visit;
	struct head *head = &visit->head;
	struct head_refusal refusal;

	caller->room->requests++;
	caller->room->octets_in += octets.len;
	visit->ask = (struct ask){ .what = ASK_WHATS };
	octets = arena_copy(visit->arena, octets);
	(void)evbuffer_drain(input(caller), octets.len);
	caller->seen = 0;
	refusal = head_read(head, octets, visit->arena);
	if (refusal.status != 0) {
		return refuse_and_part(caller, refusal.status, refusal.why);
	}
	caller->delivery.last = !head->keep;
	refusal = ask_read(&visit->ask, head, visit->arena);
	if (refusal.status == 0 && head->length > 0) {
		refusal = admit_body(caller, head->length);
	}
	if (refusal.status != 0) {
		/* A body that nobody reads would be taken for a request. */
		caller->delivery.last |= head->length > 0;
		return refuse(caller, refusal.status, refusal.why);
	}
	if (head->length == 0) {
		return CALLER_ASKING;
	}
	if (head->go_on && evbuffer_get_length(input(caller)) == 0) {
		delivery_text(&caller->delivery,
		    "HTTP/1.1 100 Continue\r\n\r\n");
	}
	return CALLER_BODY;
}

static enum caller_state
step_head(struct caller *caller)
{
	size_t most = caller->room->request_octets;
	size_t len = evbuffer_get_length(input(caller));
	struct head_refusal refusal;
	struct bytes all;
	size_t head;

	/* Empty lines between requests are let pass (RFC 9112 2.2). */
	while (len >= 2 &&
	       memcmp(evbuffer_pullup(input(caller), 2), "\r\n", 2) == 0) {
		(void)evbuffer_drain(input(caller), 2);
		caller->seen = 0;
		len -= 2;
	}
	if (len > most) {
		len = most;
	}
	all = bytes_of(len == 0 ? NULL
				: evbuffer_pullup(input(caller), (ssize_t)len),
	    len);
	/* Who sends octet by octet does not have all of them read each time. */
	head = head_length(all, caller->seen);
	if (head > 0) {
		return take_head(caller, bytes_of(all.at, head));
	}
	caller->visit.head = (struct head){ .minor = 1 };
	caller->visit.ask = (struct ask){ .what = ASK_WHATS };
	refusal = head_begins(all, caller->seen);
	caller->seen = len;
	if (refusal.status != 0) {
		return refuse_and_part(caller, refusal.status, refusal.why);
	}
	if (len == most) {
		return refuse_and_part(caller, 431,
		    "the head of the request is too large");
	}
	if (caller->late && len > 0) {
		return refuse_and_part(caller, 408,
		    "the request came too slowly");
	}
	return caller->late || caller->ended ? CALLER_GONE : CALLER_HEAD;
}

/* Only a bulk look-up has a body that matters. */
static enum caller_state
step_body(struct caller *caller)
{
	struct desk_visit *visit = &caller->visit;
	size_t missing = (size_t)visit->head.length - caller->taken;
	size_t here = evbuffer_get_length(input(caller));

	here = here < missing ? here : missing;
	if (here > 0 && visit->ask.what == ASK_BULK) {
		(void)evbuffer_remove(input(caller),
		    octets_more(&visit->body, here), here);
	} else {
		(void)evbuffer_drain(input(caller), here);
	}
	caller->taken += here;
	caller->room->octets_in += here;
	if (here == missing) {
		return CALLER_ASKING;
	}
	if (caller->late) {
		return refuse_and_part(caller, 408, "the body came too slowly");
	}
	return caller->ended ? CALLER_GONE : CALLER_BODY;
}

static enum caller_state
step_asking(struct caller *caller)
{
	caller->response = desk_ask(caller->room->desk, &caller->visit);
	caller->delivery.more = false;
	return caller->response == NULL ? CALLER_WAITING : send_answer(caller);
}

static enum caller_state
step_waiting(struct caller *caller)
{
	if (caller->response != NULL) {
		return send_answer(caller);
	}
	/* Who waits for a serial and hangs up is not told: it may be long. */
	return caller->ended && caller->visit.ask.what == ASK_NOTIFY
		   ? CALLER_GONE
		   : CALLER_WAITING;
}

static enum caller_state
step_sending(struct caller *caller)
{
	if (caller->late) {
		log_info(caller->room->log,
		    "http %s: cut: it does not read what it asked for",
		    caller->address);
		return CALLER_GONE;
	}
	if (delivery_goes_on(&caller->delivery)) {
		return CALLER_SENDING;
	}
	if (caller->delivery.more) {
		desk_more(caller->room->desk, &caller->visit);
		return CALLER_WAITING;
	}
	forget_request(caller);
	return caller->delivery.last ? CALLER_PARTING : CALLER_HEAD;
}

/* Closing with unread octets would reset the connection and throw away what
 * was said last; so the sending half is shut and the rest read away. */
static enum caller_state
step_parting(struct caller *caller)
{
	struct evbuffer *in = input(caller);

	if (!caller->shut) {
		if (caller->finish != NULL) {
			caller->finish(NULL, caller->event);
		}
		(void)shutdown(bufferevent_getfd(caller->event), SHUT_WR);
		caller->shut = true;
	}
	caller->ignored += evbuffer_get_length(in);
	(void)evbuffer_drain(in, evbuffer_get_length(in));
	return caller->ended || caller->late || caller->ignored > PARTING_OCTETS
		   ? CALLER_GONE
		   : CALLER_PARTING;
}

static enum caller_state
step_gone(struct caller *caller)
{
	(void)caller;
	return CALLER_GONE;
}

/* How long each state may last, in seconds; 0: for ever. */
static unsigned
request_time(const struct caller *caller)
{
	return caller->room->seconds;
}

static unsigned
body_time(const struct caller *caller)
{
	return caller->room->seconds +
	       (unsigned)(caller->visit.head.length / BODY_PER_SECOND);
}

static unsigned
answer_time(const struct caller *caller)
{
	return caller->room->seconds +
	       (unsigned)(delivery_left(&caller->delivery) / ANSWER_PER_SECOND);
}

static unsigned
parting_time(const struct caller *caller)
{
	(void)caller;
	return PARTING_SECONDS;
}

static const struct {
	enum caller_state (*step)(struct caller *caller);
	unsigned (*time)(const struct caller *caller); /* NULL: no end */
} states[] = {
	[CALLER_HEAD] = { step_head, request_time },
	[CALLER_BODY] = { step_body, body_time },
	[CALLER_ASKING] = { step_asking, NULL },
	[CALLER_WAITING] = { step_waiting, NULL },
	[CALLER_SENDING] = { step_sending, answer_time },
	[CALLER_PARTING] = { step_parting, parting_time },
	[CALLER_GONE] = { step_gone, NULL },
};
static_assert(sizeof(states) / sizeof(states[0]) == CALLER_STATES,
    "a row each");

static void
set_timer(struct caller *caller)
{
	struct timeval tv = { 0 };

	caller->late = false;
	(void)evtimer_del(caller->timer);
	if (states[caller->state].time != NULL) {
		tv.tv_sec = states[caller->state].time(caller);
		(void)evtimer_add(caller->timer, &tv);
	}
}

/* Go on as far as what is here allows. The caller may be gone afterwards. */
static void
caller_advance(struct caller *caller)
{
	enum caller_state next = states[caller->state].step(caller);

	while (next != caller->state) {
		caller->state = next;
		caller->since_ms = clock_mono_ms();
		if (next == CALLER_GONE) {
			caller_free(caller);
			return;
		}
		set_timer(caller);
		next = states[next].step(caller);
	}
}

/* --- doorbells */

static void
on_octets(struct bufferevent *event, void *arg)
{
	(void)event;
	caller_advance(arg);
}

static void
on_event(struct bufferevent *event, short what, void *arg)
{
	struct caller *caller = arg;

	(void)event;
	if ((what & BEV_EVENT_CONNECTED) != 0) {
		return; /* the TLS handshake */
	}
	/* What came before its end is still answered. */
	caller->ended = true;
	if ((what & BEV_EVENT_EOF) == 0) {
		caller->state = CALLER_GONE; /* broken, or it does not read */
		caller_free(caller);
		return;
	}
	caller_advance(caller);
}

static void
on_time(evutil_socket_t fd, short what, void *arg)
{
	struct caller *caller = arg;

	(void)fd;
	(void)what;
	caller->late = true;
	caller_advance(caller);
}

static void
on_answer(void *arg, const struct response *response, bool more)
{
	struct caller *caller = arg;

	assert(caller->response == NULL);
	caller->response = response_get(response);
	caller->delivery.more = more;
	caller_advance(caller);
}

void
caller_new(struct caller_room *room, struct bufferevent *event,
    const char *address, struct guest *guest, caller_finish *finish)
{
	struct caller *caller = mem_zero(1, sizeof(*caller));
	struct timeval stall = { .tv_sec = room->seconds };

	caller->room = room;
	caller->event = event;
	caller->delivery.event = event;
	caller->delivery.octets = &room->octets_out;
	caller->finish = finish;
	caller->since_ms = clock_mono_ms();
	caller->timer = evtimer_new(room->base, on_time, caller);
	(void)evutil_snprintf(caller->address, sizeof(caller->address), "%s",
	    address);
	caller->visit.say = on_answer;
	caller->visit.arg = caller;
	caller->visit.guest = guest;
	caller->visit.arena = arena_new();
	caller->next = room->all;
	if (caller->next != NULL) {
		caller->next->prev = caller;
	}
	room->all = caller;
	bufferevent_setcb(event, on_octets, on_octets, on_event, caller);
	bufferevent_set_timeouts(event, NULL, &stall);
	bufferevent_setwatermark(event, EV_READ, 0, room->request_octets);
	set_timer(caller);
	(void)bufferevent_enable(event, EV_READ | EV_WRITE);
}
