/* SPDX-License-Identifier: BSD-2-Clause */
/* service - see service.h. */
#include "daemon/service.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/alarm.h"
#include "daemon/edition.h"
#include "daemon/hosting.h"
#include "daemon/load.h"
#include "daemon/notify.h"
#include "daemon/reception.h"
#include "daemon/reload.h"
#include "daemon/retain.h"
#include "daemon/rota.h"
#include "daemon/watch.h"

enum {
	WORKERS = 3, /* publish, write files and encode at the same time */
	GOODBYE_MS = 1000, /* for routers and the engine to take their leave */
	TICK_MS = 250,
	REST_MS = 60000, /* after which unused answers are forgotten */
};

/* --- states */

static enum service_state
step_rest(struct service *s)
{
	reload_take(s);
	if (s->want_stop) {
		return SERVICE_STOPPING;
	}
	if (s->fresh) {
		edition_begin(s);
		return SERVICE_PUBLISHING;
	}
	if (s->want_run) {
		rota_begin(s);
		return SERVICE_RUNNING;
	}
	return s->state;
}

static enum service_state
step_running(struct service *s)
{
	reload_take(s);
	if (s->want_stop) {
		return SERVICE_STOPPING;
	}
	if (s->fresh) {
		edition_begin(s);
		return SERVICE_PUBLISHING;
	}
	return shift_working(s->shift) ? SERVICE_RUNNING : rota_finish(s);
}

static enum service_state
step_publishing(struct service *s)
{
	if (s->want_stop) {
		return SERVICE_STOPPING;
	}
	if (s->published == NULL || !retain_told(s)) {
		return SERVICE_PUBLISHING;
	}
	edition_adopt(s);
	if (s->running) {
		return SERVICE_RUNNING;
	}
	return s->failures > 0 ? SERVICE_STALE : SERVICE_IDLE;
}

static void
say_goodbye(struct service *s)
{
	notify_stopping();
	server_goodbye(s->rtr,
	    s->final ? PDU_CACHE_SHUTDOWN : PDU_CACHE_RESTART);
	shift_stop(s->shift);
	alarm_set(s->leave, GOODBYE_MS);
}

static enum service_state
step_stopping(struct service *s)
{
	if (!s->parted && !alarm_pending(s->leave)) {
		say_goodbye(s);
	}
	if (s->parted || (!shift_working(s->shift) && server_idle(s->rtr) &&
			     control_idle(s->control))) {
		event_base_loopbreak(s->base);
	}
	return SERVICE_STOPPING;
}

static const struct {
	const char *name;
	enum service_state (*step)(struct service *s);
} states[SERVICE_STATES] = {
	[SERVICE_STARTING] = { "starting", step_rest },
	[SERVICE_IDLE] = { "idle", step_rest },
	[SERVICE_RUNNING] = { "running", step_running },
	[SERVICE_PUBLISHING] = { "publishing", step_publishing },
	[SERVICE_STALE] = { "serving-stale", step_rest },
	[SERVICE_RETRYING] = { "retrying", step_rest },
	[SERVICE_STOPPING] = { "stopping", step_stopping },
};

void
service_advance(struct service *s)
{
	enum service_state next;

	while ((next = states[s->state].step(s)) != s->state) {
		log_debug(s->log, "service: %s -> %s", states[s->state].name,
		    states[next].name);
		s->state = next;
		notify_status(states[next].name);
		s->entered_ms = clock_mono_ms();
	}
}

/* --- doorbells */

static void
take_back(struct service *s, struct errand *errand)
{
	switch (errand->kind) {
	case ERRAND_PUBLISH:
		s->published = errand->publish;
		errand->publish = NULL;
		break;
	case ERRAND_DISCARD:
		break;
	case ERRAND_FILES:
		s->filing = false;
		break;
	case ERRAND_ENCODE:
		feed_take(s->feed, errand->order);
		errand->order = NULL;
		server_continue(s->rtr);
		break;
	case ERRAND_LOAD:
		reload_come(s, errand);
		break;
	}
}

static void
on_back(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;
	struct errand *errand;

	(void)fd;
	(void)what;
	while ((errand = pool_collect(s->pool)) != NULL) {
		take_back(s, errand);
		errand_free(errand);
	}
	if (s->refile) {
		edition_write(s);
	}
	service_advance(s);
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct service *s = arg;

	(void)what;
	if (number == SIGUSR1) {
		s->eager = true;
		s->want_run = true;
	} else if (number == SIGTERM || number == SIGINT) {
		s->want_stop = true;
	} else if (number == SIGHUP) {
		reload_ask(s);
	} else {
		(void)log_reopen(s->log);
	}
	service_advance(s);
}

/* How late the loop is for this says how long it was away. */
static void
on_tick(void *arg)
{
	struct service *s = arg;
	int64_t now = clock_mono_ms();
	int64_t late = now - s->tick_due_ms;

	if (s->tick_due_ms != 0 && late > s->loop_longest_ms) {
		s->loop_longest_ms = late;
	}
	if (!s->ready) {
		notify_patience();
	}
	watch_freshness(s);
	if (watch_clock(s)) {
		service_advance(s);
	}
	if (s->watch_ms > 0 && now >= s->alive_due) {
		notify_alive();
		s->alive_due = now + s->watch_ms / 3;
	}
	/* What other settings wait for rings no bell. */
	if (s->state == SERVICE_STOPPING || s->next != NULL) {
		service_advance(s);
	}
	if (now >= s->rest_due_ms) {
		feed_rest(s->feed);
		s->rest_due_ms = now + REST_MS;
	}
	s->tick_due_ms = now + TICK_MS;
	alarm_set(s->tick, TICK_MS);
}

static void
on_alarm(void *arg)
{
	service_advance(arg);
}

/* --- life */

static void
catch_signals(struct service *s)
{
	static const int numbers[SERVICE_SIGNALS] = { SIGTERM, SIGINT, SIGHUP,
		SIGUSR1, SIGUSR2 };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < SERVICE_SIGNALS; i++) {
		s->signals[i] = evsignal_new(s->base, numbers[i], on_signal, s);
		(void)event_add(s->signals[i], NULL);
	}
}

static void
set_alarms(struct service *s)
{
	s->due = alarm_new(s->base, &s->want_run, on_alarm, s);
	s->leave = alarm_new(s->base, &s->parted, on_alarm, s);
	s->soon = alarm_new(s->base, NULL, on_alarm, s);
	s->expiry = alarm_new(s->base, &s->fresh, on_alarm, s);
	s->tick = alarm_new(s->base, NULL, on_tick, s);
}

struct service *
service_new(struct task *task, struct keeper *keeper, unsigned sandbox)
{
	struct service *s = mem_zero(1, sizeof(*s));
	struct shift_ears ears = rota_ears(s);

	s->task = task;
	s->log = task->log;
	s->sandbox = sandbox;
	s->started = s->loaded = clock_wall();
	/* Sets of one process are not numbered as those of another. */
	s->edition = (uint64_t)s->started << 16;
	s->began_ms = s->entered_ms = clock_mono_ms();
	s->run_took_ms = -1;
	s->clock_offset = s->started - clock_age_ms() / 1000;
	s->targets = task->targets;
	s->watch_ms = notify_watch_ms();
	s->base = event_base_new();
	s->pool = errand_pool(WORKERS);
	s->back = event_new(s->base, pool_bell(s->pool), EV_READ | EV_PERSIST,
	    on_back, s);
	(void)event_add(s->back, NULL);
	set_alarms(s);
	s->shift = shift_new(s->base, keeper, task->engine, s->log, &ears);
	catch_signals(s);
	retain_begin(s);
	hosting_begin(s);
	return s;
}

void
service_free(struct service *s)
{
	if (s == NULL) {
		return;
	}
	shift_free(s->shift);
	pool_free(s->pool, errand_free, errand_free);
	retain_end(s);
	control_free(s->control);
	hosting_end(s);
	history_free(s->history);
	publish_free(s->published);
	load_free(s->next);
	load_free(s->own);
	octets_clear(&s->refusal);
	gate_free(s->next_gate);
	gate_free(s->gate);
	snapshot_put(s->offered);
	account_put(s->reported);
	snapshot_put(s->plain);
	account_put(s->account);
	guard_clear(&s->guard);
	free(s->guards);
	shape_clear(&s->effects);
	for (size_t i = 0; i < SERVICE_SIGNALS; i++) {
		event_free(s->signals[i]);
	}
	alarm_free(s->due);
	alarm_free(s->leave);
	alarm_free(s->tick);
	alarm_free(s->soon);
	alarm_free(s->expiry);
	event_free(s->back);
	event_base_free(s->base);
	free(s);
}

const char *
service_state_name(const struct service *s)
{
	return states[s->state].name;
}

void
service_control(struct service *s, int control, int http)
{
	s->control = control_new(s->base, s->log, control, reception_answer, s);
	if (web_listen(s->web, http, NULL) != 0) {
		log_warn(s->log, "kedge explain will not be answered");
		close(http);
	}
}

void
service_ready(struct service *s)
{
	if (!s->ready) {
		s->ready = true;
		notify_ready();
	}
}

/* One line, so that nobody wonders whether it runs. */
static void
tell_start(struct service *s)
{
	const struct snapshot *kept = history_current(s->history);
	struct octets ways = { 0 };

	if (s->gate != NULL) {
		gate_tell(s->gate, &ways);
	}
	octets_u8(&ways, '\0');
	if (ways.len > 1 && kept == NULL) {
		log_notice(s->log,
		    "listening on %s; there is no set yet, a run begins",
		    (const char *)ways.at);
	} else if (ways.len > 1) {
		log_notice(s->log,
		    "listening on %s; serving serial %u, %zu VRPs as kept",
		    (const char *)ways.at, (unsigned)history_serial(s->history),
		    snapshot_vrps(kept));
	}
	octets_clear(&ways);
}

int
service_run(struct service *s)
{
	s->want_run = true;
	if (history_current(s->history) != NULL) {
		service_ready(s);
	}
	tell_start(s);
	on_tick(s);
	service_advance(s);
	event_base_dispatch(s->base);
	return s->exit_code;
}
