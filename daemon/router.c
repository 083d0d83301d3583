/* SPDX-License-Identifier: BSD-2-Clause */
/* router - see router.h. */
#include "daemon/router.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <signal.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "daemon/alarm.h"
#include "daemon/changes.h"
#include "daemon/dial.h"
#include "rtr/client.h"

enum {
	LAST_WORDS_SECONDS = 2,
	/* An answer has this many times the longest pause to come whole, so
	 * that a trickle cannot keep us for ever. */
	ANSWER_PAUSES = 10,
};

struct router {
	struct task *task;
	const struct setting *at;
	const char *where;
	struct targets targets;
	struct filter filter;
	struct dial *dial;
	struct client *client;
	struct event_base *base;
	struct bufferevent *event; /* NULL: not connected */
	struct alarm *timer;
	struct alarm *expiry; /* of what is followed */
	int64_t asked_ms;     /* when the last question was sent */
	bool follow;
	bool waiting; /* the timer means: ask, or connect; else: give up */
	bool ending;  /* only what was said last is still sent */
	int code;
};

static void
finish(struct router *r, int code)
{
	r->code = code;
	(void)event_base_loopbreak(r->base);
}

static void
fail(struct router *r, const char *text)
{
	log_error(r->task->log, "%s: %s", r->where, text);
	finish(r, TASK_ERROR);
}

static void
set_timer(struct router *r, bool waiting, uint32_t seconds)
{
	r->waiting = waiting;
	alarm_set(r->timer, (int64_t)seconds * 1000);
}

static void
hang_up(struct router *r)
{
	if (r->event != NULL) {
		bufferevent_free(r->event);
		r->event = NULL;
	}
}

static void
send_out(struct router *r, struct octets *out)
{
	if (out->len > 0) {
		(void)bufferevent_write(r->event, out->at, out->len);
	}
	octets_clear(out);
}

/* Give up when nothing comes for so long. */
static void
await(struct router *r)
{
	set_timer(r, false, (uint32_t)r->at[SET_TIMEOUT].number);
}

static void
ask(struct router *r)
{
	struct octets out = { 0 };

	client_ask(r->client, &out);
	if (out.len > 0) {
		send_out(r, &out);
		r->asked_ms = clock_mono_ms();
		await(r);
	}
}

/* --- what came */

static void
tell(struct router *r)
{
	const struct snapshot *set = client_set(r->client);

	log_info(r->task->log,
	    "%s: version %u, session %u, serial %u: %zu VRPs, %zu router "
	    "keys, %zu ASPAs",
	    r->where, client_version(r->client), client_session(r->client),
	    client_serial(r->client), snapshot_vrps(set),
	    snapshot_router_keys(set), snapshot_aspas(set));
}

static bool
print_change(struct router *r)
{
	struct octets text = { 0 };
	bool good;

	changes_print(&text, client_change(r->client), &r->filter);
	good = task_print(r->task, octets_bytes(&text));
	octets_clear(&text);
	if (!good) {
		finish(r, TASK_ERROR);
	}
	return good;
}

static void
on_whole(struct router *r)
{
	struct format_input input = { .filter = &r->filter };
	struct pdu_timing timing = client_timing(r->client);

	tell(r);
	if (r->follow) {
		if (print_change(r)) {
			set_timer(r, true, timing.refresh);
			alarm_set(r->expiry, (int64_t)timing.expire * 1000);
		}
		return;
	}
	input.snapshot = client_set(r->client);
	input.now = clock_wall();
	finish(r, targets_write(&r->targets, &input, r->task->log)
		      ? TASK_GOOD
		      : TASK_ERROR);
}

/* The cache has nothing now, or closes: worth waiting for only when following.
 */
static void
later(struct router *r)
{
	if (!r->follow) {
		fail(r, client_why(r->client));
		r->ending = true;
		return;
	}
	log_warn(r->task->log, "%s: %s", r->where, client_why(r->client));
	set_timer(r, true, client_timing(r->client).retry);
}

static void connect_again(struct router *r);

/* The cache hangs up. */
static void
part(struct router *r)
{
	later(r);
	client_part(r->client);
	hang_up(r);
}

/* What was said last has left, or nobody takes it. Who follows asks again: the
 * cache may be mended by then. */
static void
end(struct router *r)
{
	if (!r->follow) {
		finish(r, r->code);
		return;
	}
	r->ending = false;
	client_part(r->client);
	hang_up(r);
	set_timer(r, true, client_timing(r->client).retry);
}

/* All that was held is forgotten. */
static bool
print_loss(struct router *r)
{
	alarm_off(r->expiry);
	return !r->follow || print_change(r);
}

/* Our complaint is still to reach the cache. */
static void
broken(struct router *r)
{
	log_error(r->task->log, "%s: %s", r->where, client_why(r->client));
	r->code = TASK_ERROR;
	r->ending = true;
	set_timer(r, false, LAST_WORDS_SECONDS);
	if (evbuffer_get_length(bufferevent_get_output(r->event)) == 0) {
		end(r);
	}
}

/* True: there may be more in what came. */
static bool
act(struct router *r, enum client_event event, struct octets *out)
{
	send_out(r, out);
	switch (event) {
	case CLIENT_NOTHING:
		return false;
	case CLIENT_WHOLE:
		on_whole(r);
		return r->follow;
	case CLIENT_NEWS:
		ask(r);
		return true;
	case CLIENT_ASKS:
		r->asked_ms = clock_mono_ms();
		await(r);
		return true;
	case CLIENT_LATER:
		later(r);
		return r->follow;
	case CLIENT_LOWER:
		log_info(r->task->log, "%s: %s; trying version %u", r->where,
		    client_why(r->client), client_version(r->client));
		client_part(r->client);
		connect_again(r);
		return false;
	case CLIENT_ENDED:
		part(r);
		return false;
	case CLIENT_SHUT:
		if (print_loss(r)) {
			part(r);
		}
		return false;
	case CLIENT_BROKEN:
		if (print_loss(r)) {
			broken(r);
		}
		return false;
	case CLIENT_REFUSED:
		if (print_loss(r)) {
			fail(r, client_why(r->client));
		}
		return false;
	}
	return false;
}

static bool
is_overdue(const struct router *r)
{
	int64_t most =
	    (int64_t)r->at[SET_TIMEOUT].number * 1000 * ANSWER_PAUSES;

	return clock_mono_ms() - r->asked_ms > most;
}

/* On this connection, at least. */
static void
give_up(struct router *r, const char *why)
{
	if (!r->follow) {
		fail(r, why);
		return;
	}
	log_warn(r->task->log, "%s: %s", r->where, why);
	client_part(r->client);
	connect_again(r);
}

static void
on_read(struct bufferevent *event, void *arg)
{
	struct router *r = arg;
	struct evbuffer *in = bufferevent_get_input(event);
	size_t n = evbuffer_get_length(in);
	struct octets out = { 0 };
	enum client_event what;

	if (r->ending) {
		(void)evbuffer_drain(in, n);
		return;
	}
	client_hear(r->client, bytes_of(evbuffer_pullup(in, -1), n));
	(void)evbuffer_drain(in, n);
	if (client_state(r->client) != CLIENT_IDLE) {
		if (is_overdue(r)) {
			give_up(r, "the answer did not come whole in time");
			return;
		}
		await(r);
	}
	do {
		what = client_next(r->client, &out);
	} while (act(r, what, &out));
}

static void
on_written(struct bufferevent *event, void *arg)
{
	struct router *r = arg;

	(void)event;
	if (r->ending) {
		end(r);
	}
}

/* --- the connection */

static void
lost(struct router *r)
{
	const char *why = r->follow
			      ? "the connection ended"
			      : "closed the connection before its set was "
				"whole";
	char text[160];

	dial_explain(r->dial, r->event, text, sizeof(text));
	why = text[0] != '\0' ? text : why;
	hang_up(r);
	if (r->ending) {
		end(r);
	} else if (why != text && client_lost(r->client)) {
		log_info(r->task->log,
		    "%s: closed without a word; trying version %u", r->where,
		    client_version(r->client));
		connect_again(r);
	} else if (r->follow) {
		log_warn(r->task->log, "%s: %s", r->where, why);
		client_part(r->client);
		set_timer(r, true, client_timing(r->client).retry);
	} else {
		fail(r, why);
	}
}

static void
on_event(struct bufferevent *event, short what, void *arg)
{
	struct router *r = arg;

	(void)event;
	if ((what & BEV_EVENT_CONNECTED) != 0) {
		return;
	}
	lost(r);
}

/* A connection with the first query on its way; false: it could not be made. */
static bool
reach(struct router *r, struct octets *why)
{
	r->event = dial_call(r->dial, r->base, why);
	if (r->event == NULL) {
		return false;
	}
	bufferevent_setcb(r->event, on_read, on_written, on_event, r);
	(void)bufferevent_enable(r->event, EV_READ | EV_WRITE);
	ask(r);
	return true;
}

static void
connect_again(struct router *r)
{
	struct octets why = { 0 };

	hang_up(r);
	if (!reach(r, &why)) {
		if (r->follow) {
			log_warn(r->task->log, "%.*s", (int)why.len,
			    (const char *)why.at);
			set_timer(r, true, client_timing(r->client).retry);
		} else {
			finish(r, task_refuse(r->task, &why));
		}
	}
	octets_clear(&why);
}

static void
on_timer(void *arg)
{
	struct router *r = arg;

	if (r->ending) {
		end(r);
	} else if (!r->waiting) {
		give_up(r, "no answer came in time");
	} else if (r->event != NULL) {
		ask(r);
	} else {
		connect_again(r);
	}
}

/* No answer came whole for so long: nothing of it may be held (RFC 8210 6). */
static void
on_expiry(void *arg)
{
	struct router *r = arg;

	if (r->ending) {
		return;
	}
	log_warn(r->task->log, "%s: what it said has expired", r->where);
	client_part(r->client);
	client_expire(r->client);
	if (print_change(r)) {
		connect_again(r);
	}
}

/* --- the beginning */

static bool
read_settings(struct router *r, struct octets *why)
{
	const struct settings *settings = r->task->settings;

	if (r->task->options->count != 1) {
		octets_printf(why, "which cache? kedge rtr HOST:PORT");
		return false;
	}
	r->where = r->task->options->rest[0];
	r->follow = setting_on(settings, SET_FOLLOW);
	targets_filter(&r->filter, settings);
	if (!targets_read(&r->targets, settings, "-", why)) {
		return false;
	}
	r->dial = dial_new(r->where, settings, why);
	return r->dial != NULL;
}

static void
clear(struct router *r)
{
	hang_up(r);
	alarm_free(r->timer);
	alarm_free(r->expiry);
	if (r->base != NULL) {
		event_base_free(r->base);
	}
	client_free(r->client);
	dial_free(r->dial);
}

int
router_run(struct task *task)
{
	struct router r = {
		.task = task,
		.at = task->settings->at,
		.code = TASK_ERROR,
	};
	struct octets why = { 0 };

	signal(SIGPIPE, SIG_IGN);
	if (!read_settings(&r, &why)) {
		(void)task_refuse(task, &why);
	} else {
		r.base = event_base_new();
		r.timer = alarm_new(r.base, NULL, on_timer, &r);
		r.expiry = alarm_new(r.base, NULL, on_expiry, &r);
		r.client = client_new(r.where,
		    (unsigned)r.at[SET_RTR_VERSION].number, LIMIT_CACHE_ANSWER);
		connect_again(&r);
		(void)event_base_dispatch(r.base);
	}
	octets_clear(&why);
	clear(&r);
	return r.code;
}
