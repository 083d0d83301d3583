/* SPDX-License-Identifier: BSD-2-Clause */
/* service - see service.h. */
#include "daemon/service.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/findings.h"
#include "daemon/hosting.h"
#include "daemon/load.h"
#include "daemon/notify.h"
#include "daemon/reception.h"
#include "daemon/retain.h"
#include "daemon/watch.h"

enum {
	WORKERS = 3,      /* publish, write files and encode at the same time */
	FIRST_PAUSE = 10, /* seconds after a first failed run, then twice */
	GOODBYE_MS = 1000, /* for routers and the engine to take their leave */
	TICK_MS = 250,
	REST_MS = 60000, /* after which unused answers are forgotten */
};

/* --- the engine */

static void
after(struct event *timer, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	(void)event_add(timer, &tv);
}

static void
plan_run(struct service *s, int64_t seconds)
{
	s->run_due = clock_wall() + seconds;
	after(s->due, seconds * 1000);
}

static void
begin_run(struct service *s)
{
	event_del(s->due);
	s->run_due = 0;
	s->want_run = false;
	s->running = true;
	s->run_started = clock_wall();
	s->run_began_ms = clock_mono_ms();
	s->engine.runs++;
	s->policy = s->task->policy;
	s->policy.early_seal = true;
	s->policy.back_off = !s->eager;
	s->eager = false;
	shift_begin(s->shift, &s->policy);
}

static void
on_set(void *arg, const struct shift_set *set)
{
	struct service *s = arg;

	snapshot_put(s->offered);
	account_put(s->reported);
	s->offered = set->snapshot;
	s->reported = set->account;
	s->complete = set->seal.complete;
	s->fresh = true;
	log_info(s->log, "%s set: %zu VRPs, %zu router keys, %zu ASPAs",
	    set->seal.kind == WIRE_SEAL_EARLY ? "early" : "whole",
	    snapshot_vrps(s->offered), snapshot_router_keys(s->offered),
	    snapshot_aspas(s->offered));
	findings_log(s->log, account_report(s->reported), &s->task->policy,
	    setting_on(s->task->settings, SET_LOG_REPOSITORY_ISSUES)
		? FINDINGS_ASKED
		: FINDINGS_QUIETLY);
	service_advance(s);
}

static void
on_over(void *arg)
{
	service_advance(arg);
}

static void
on_keeper_gone(void *arg)
{
	struct service *s = arg;

	log_error(s->log, "the keeper has died; start kedge again");
	s->exit_code = TASK_ERROR;
	s->want_stop = true;
	service_advance(s);
}

static void
count_run(struct service *s)
{
	const struct report *report = account_report(s->account);

	s->engine.cpu_us += report->cpu_us;
	s->engine.memory_kb = report->memory_kb;
	s->engine.signatures += report->signatures;
	s->engine.judged += report->judged;
	s->engine.remembered += report->remembered;
}

/*
 * Whoever is started after us finds routers served; or, where the first run
 * failed, not kept waiting for what nobody can say when it will come.
 */
static void
tell_ready(struct service *s)
{
	if (!s->ready) {
		s->ready = true;
		notify_ready();
	}
}

/* Soon enough that nothing is served longer than it is valid. */
static int64_t
pause_before_next(const struct service *s)
{
	const struct setting *at = s->task->settings->at;
	int64_t refresh = (int64_t)at[SET_REFRESH].number;
	int64_t least = (int64_t)at[SET_MIN_REFRESH].number;
	int64_t left = account_report(s->account)->valid_until - clock_wall();

	if (left < refresh) {
		refresh = left + 1;
	}
	return refresh > least ? refresh : least;
}

/* With nothing to serve and files that no later run will like better, whoever
 * started us is to hear of it. */
static enum service_state
give_up(struct service *s)
{
	log_error(s->log, "%s", shift_why(s->shift));
	s->exit_code = TASK_ERROR;
	s->want_stop = true;
	return SERVICE_STALE;
}

static enum service_state
finish_run(struct service *s)
{
	int64_t refresh = (int64_t)s->task->settings->at[SET_REFRESH].number;
	int64_t pause = FIRST_PAUSE;

	s->running = false;
	if (shift_good(s->shift) && s->account != NULL) {
		s->failures = 0;
		s->last_good = clock_wall();
		s->good_ms = clock_age_ms();
		s->run_took_ms = clock_mono_ms() - s->run_began_ms;
		s->last_complete =
		    s->complete ? s->last_good : s->last_complete;
		count_run(s);
		retain_save(s);
		plan_run(s, pause_before_next(s));
		return SERVICE_IDLE;
	}
	if (shift_refused(s->shift) && history_current(s->history) == NULL) {
		return give_up(s);
	}
	s->engine.failures++;
	for (unsigned i = 0; i < s->failures && pause < refresh; i++) {
		pause *= 2;
	}
	pause = pause < refresh ? pause : refresh;
	if (s->failures++ == 0) {
		s->failing_since = clock_wall();
	}
	snprintf(s->failing_why, sizeof(s->failing_why), "%s",
	    shift_why(s->shift));
	log_error(s->log, "run failed: %s; the next one begins in %lld s%s",
	    s->failing_why, (long long)pause,
	    history_current(s->history) != NULL ? "; what is there is served on"
						: "");
	plan_run(s, pause);
	tell_ready(s);
	return SERVICE_STALE;
}

/* --- publishing */

static void
begin_publish(struct service *s)
{
	const struct snapshot *now = history_current(s->history);
	const struct setting *at = s->task->settings->at;
	struct publish *p = publish_new();

	s->fresh = false;
	p->now = clock_wall();
	p->offered = s->offered;
	p->account = s->reported;
	s->offered = NULL;
	s->reported = NULL;
	p->plain = s->plain != NULL ? snapshot_get(s->plain) : NULL;
	p->then = s->account != NULL ? account_get(s->account) : NULL;
	p->before = now != NULL ? snapshot_get(now) : NULL;
	p->shape = shape_of(s->task->settings, s->task->exceptions);
	p->config = (struct guard_config){
		.drop = (unsigned)at[SET_GUARD_DROP].number,
		.time = (int64_t)at[SET_GUARD_TIME].number,
	};
	guard_copy(&p->guard, &s->guard);
	pool_submit(s->pool, errand_publish(p));
}

/* One writing at a time; the newest set wins. */
static void
write_files(struct service *s)
{
	s->refile = s->filing && s->targets->count > 0;
	if (s->targets->count == 0 || s->filing || s->account == NULL) {
		return;
	}
	s->filing = true;
	pool_submit(s->pool,
	    errand_files(s->targets, history_current(s->history), s->account,
		s->log));
}

/* What was made ready is ours now, whether it changed anything or not. */
static void
take_over(struct service *s, struct publish *p)
{
	snapshot_put(s->plain);
	s->plain = p->whole;
	p->whole = NULL;
	if (p->account != NULL) {
		account_put(s->account);
		s->account = p->account;
		p->account = NULL;
	}
	shape_log(s->log, &p->shape, &p->effects);
	shape_clear(&s->effects);
	s->made = clock_wall();
	s->too_long = p->effects.removed;
	s->limits = p->shape.limits;
	s->effects = p->effects;
	p->effects = (struct shape_effects){ 0 };
	watch_guard(s, p);
	if (p->expire.gone > 0) {
		s->expired_ms = clock_mono_ms();
		log_info(s->log, "%zu items have expired", p->expire.gone);
	}
	watch_expiry(s, p->expire.next);
}

static void
adopt(struct service *s)
{
	struct publish *p = s->published;
	bool first = history_current(s->history) == NULL;
	bool changed = history_advance(s->history, p->fresh, p->delta);
	struct octets noted = p->changes;

	p->fresh = NULL;
	p->delta = NULL;
	p->changes = (struct octets){ 0 };
	take_over(s, p);
	pool_submit(s->pool, errand_discard(p));
	s->published = NULL;
	tell_ready(s);
	if (changed) {
		s->changed = s->made;
		feed_changed(s->feed);
		server_changed(s->rtr);
		log_info(s->log, "serial %u",
		    (unsigned)history_serial(s->history));
		retain_note(s, &noted);
	}
	octets_clear(&noted);
	/* A run saves at its end; until then what is ahead is enough. */
	if (first || !s->running) {
		retain_save(s);
	}
	web_changed(s->web);
	write_files(s);
}

/* --- settings */

/* The way in that the settings tell of, in place of the one before. */
static void
change_gate(struct service *s, struct gate *gate)
{
	struct gate *before = s->gate;
	struct gate_hosts hosts = { s->rtr, s->web };
	struct octets why = { 0 };

	s->gate = gate;
	if (!gate_serve(gate, before, &hosts, &why)) {
		log_error(s->log, "not all sockets are listened on: %.*s",
		    (int)why.len, why.at == NULL ? "" : (const char *)why.at);
	}
	octets_clear(&why);
	gate_free(before);
}

/* Nobody may be using what is about to go. */
static bool
may_change(const struct service *s)
{
	return s->next != NULL && !s->filing && !shift_asked(s->shift);
}

static void
change(struct service *s)
{
	change_gate(s, s->next_gate);
	s->next_gate = NULL;
	load_free(s->own);
	s->own = s->next;
	s->task = s->next;
	s->next = NULL;
	s->targets = s->task->targets;
	hosting_take(s);
	log_limit(s->log, s->task->log_level);
	s->loaded = clock_wall();
	s->loads++;
	/* Exceptions may be others, and so may trust anchors. */
	s->fresh = s->fresh || s->plain != NULL;
	s->want_run = true;
	notify_ready();
	log_info(s->log, "settings taken");
}

/* Read everything again; take all of it or nothing. */
bool
service_reload(struct service *s, struct octets *why)
{
	struct task *task = load_again(s->task, why);
	struct gate *gate = NULL;

	(void)log_reopen(s->log);
	if (task != NULL) {
		gate = gate_open(task->settings, s->gate, NULL, why);
	}
	if (gate == NULL) {
		load_free(task);
		s->refused_loads++;
		log_error(s->log, "reload refused: %.*s", (int)why->len,
		    (const char *)why->at);
		return false;
	}
	load_free(s->next);
	gate_free(s->next_gate);
	s->next = task;
	s->next_gate = gate;
	notify_reloading();
	return true;
}

/* --- states */

static enum service_state
step_rest(struct service *s)
{
	if (may_change(s)) {
		change(s);
	}
	if (s->want_stop) {
		return SERVICE_STOPPING;
	}
	if (s->fresh) {
		begin_publish(s);
		return SERVICE_PUBLISHING;
	}
	if (s->want_run) {
		begin_run(s);
		return SERVICE_RUNNING;
	}
	return s->state;
}

static enum service_state
step_running(struct service *s)
{
	if (may_change(s)) {
		change(s);
	}
	if (s->want_stop) {
		return SERVICE_STOPPING;
	}
	if (s->fresh) {
		begin_publish(s);
		return SERVICE_PUBLISHING;
	}
	return shift_working(s->shift) ? SERVICE_RUNNING : finish_run(s);
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
	adopt(s);
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
	after(s->leave, GOODBYE_MS);
}

static enum service_state
step_stopping(struct service *s)
{
	if (!event_pending(s->leave, EV_TIMEOUT, NULL)) {
		say_goodbye(s);
	}
	if (!shift_working(s->shift) && server_idle(s->rtr) &&
	    control_idle(s->control)) {
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
		write_files(s);
	}
	service_advance(s);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;

	(void)fd;
	(void)what;
	s->want_run = true;
	service_advance(s);
}

static void
on_leave(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(s->base);
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct service *s = arg;
	struct octets why = { 0 };

	(void)what;
	if (number == SIGUSR1) {
		s->eager = true;
		s->want_run = true;
	} else if (number == SIGTERM || number == SIGINT) {
		s->want_stop = true;
	} else if (number == SIGHUP) {
		(void)service_reload(s, &why);
		octets_clear(&why);
	} else {
		(void)log_reopen(s->log);
	}
	service_advance(s);
}

static void
on_expiry(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;

	(void)fd;
	(void)what;
	s->fresh = true;
	service_advance(s);
}

/* How late the loop is for this says how long it was away. */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;
	int64_t now = clock_mono_ms();
	int64_t late = now - s->tick_due;

	(void)fd;
	(void)what;
	if (s->tick_due != 0 && late > s->loop_longest) {
		s->loop_longest = late;
	}
	if (!s->ready) {
		notify_patience();
	}
	watch_freshness(s);
	if (watch_clock(s)) {
		/* What has ended by this clock leaves now. */
		on_expiry(-1, 0, s);
	}
	if (s->watch_ms > 0 && now >= s->alive_due) {
		notify_alive();
		s->alive_due = now + s->watch_ms / 3;
	}
	if (s->state == SERVICE_STOPPING) {
		service_advance(s);
	}
	if (now >= s->rest_due) {
		feed_rest(s->feed);
		s->rest_due = now + REST_MS;
	}
	s->tick_due = now + TICK_MS;
	after(s->tick, TICK_MS);
}

static void
on_soon(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
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

struct service *
service_new(struct task *task, struct keeper *keeper, unsigned sandbox)
{
	struct service *s = mem_zero(1, sizeof(*s));
	struct shift_ears ears = {
		.arg = s,
		.set = on_set,
		.over = on_over,
		.keeper_gone = on_keeper_gone,
	};

	s->task = task;
	s->log = task->log;
	s->sandbox = sandbox;
	s->started = s->loaded = clock_wall();
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
	s->due = evtimer_new(s->base, on_due, s);
	s->leave = evtimer_new(s->base, on_leave, s);
	s->tick = evtimer_new(s->base, on_tick, s);
	s->soon = evtimer_new(s->base, on_soon, s);
	s->expiry = evtimer_new(s->base, on_expiry, s);
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
	event_free(s->due);
	event_free(s->leave);
	event_free(s->tick);
	event_free(s->soon);
	event_free(s->expiry);
	event_free(s->back);
	event_base_free(s->base);
	free(s);
}

void
service_gate(struct service *s, struct gate *gate)
{
	change_gate(s, gate);
}

const char *
service_state_name(const struct service *s)
{
	return states[s->state].name;
}

void
service_control(struct service *s, int control, int http)
{
	s->control = control_new(s->base, control, reception_answer, s);
	if (web_listen(s->web, http, NULL) != 0) {
		log_warn(s->log, "kedge explain will not be answered");
		close(http);
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
		tell_ready(s);
	}
	tell_start(s);
	on_tick(-1, 0, s);
	service_advance(s);
	event_base_dispatch(s->base);
	return s->exit_code;
}
