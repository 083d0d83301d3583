/* SPDX-License-Identifier: BSD-2-Clause */
/* service - see service.h. */
#include "daemon/service.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/pool.h"
#include "daemon/findings.h"
#include "daemon/publish.h"
#include "daemon/shift.h"
#include "daemon/targets.h"
#include "output/view.h"
#include "payload/history.h"
#include "rtr/feed.h"

enum {
	WORKERS = 2,       /* one may publish while the other writes files */
	FIRST_PAUSE = 10,  /* seconds after a first failed run, then twice */
	GOODBYE_MS = 1500, /* for routers and the engine to take their leave */
	SIGNALS = 5,
	NOTIFY_SECONDS = 60, /* RFC 8210 5.2 */
};

enum errand_kind { ERRAND_PUBLISH, ERRAND_FILES };

struct errand {
	enum errand_kind kind;
	struct publish *publish;
	/* ERRAND_FILES */
	const struct snapshot *snapshot;
	const struct account *account;
	const struct targets *targets;
	struct log *log;
	int64_t made;
};

struct service {
	struct task *task;
	struct log *log;
	enum service_state state;
	int64_t started, entered; /* wall: the process; the state */
	unsigned sandbox;

	struct event_base *base;
	struct event *due, *leave, *back;
	struct event *signals[SIGNALS];
	struct pool *pool;
	struct shift *shift;

	/* What it brought and what was made of it. */
	const struct snapshot *plain; /* as the engine gave it */
	const struct account *account;
	bool fresh; /* plain is still to be published */
	bool publishing, filing, refile;
	struct publish *published; /* came back */
	struct shape_effects effects;
	struct history *history;
	struct feed *feed;
	struct server *rtr;
	struct targets targets;
	int64_t changed; /* when the serial came to be */

	bool want_run, want_stop, final;
	bool running;      /* begun and not finished */
	unsigned failures; /* of runs, in a row */
	int64_t run_started, run_finished, run_due;
	struct view_engine engine;
	int exit_code;
};

static void advance(struct service *s);

/* --- errands */

static void
write_files(struct errand *errand)
{
	struct format_input input = {
		.snapshot = errand->snapshot,
		.report = account_report(errand->account),
		.now = errand->made,
	};

	(void)targets_write(errand->targets, &input, errand->log);
}

static void *
begin_worker(void *arg, unsigned worker)
{
	(void)worker;
	return arg;
}

static void
end_worker(void *self)
{
	(void)self;
}

static void *
work(void *self, void *job)
{
	struct errand *errand = job;

	(void)self;
	switch (errand->kind) {
	case ERRAND_PUBLISH:
		publish_work(errand->publish);
		break;
	case ERRAND_FILES:
		write_files(errand);
		break;
	}
	return errand;
}

static void
drop_errand(void *job)
{
	struct errand *errand = job;

	publish_free(errand->publish);
	snapshot_put(errand->snapshot);
	account_put(errand->account);
	free(errand);
}

static struct errand *
errand_new(struct service *s, enum errand_kind kind)
{
	struct errand *errand = mem_zero(1, sizeof(*errand));

	errand->kind = kind;
	errand->log = s->log;
	return errand;
}

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
	s->engine.runs++;
	shift_begin(s->shift, &s->task->policy);
}

static void
on_set(void *arg, const struct shift_set *set)
{
	struct service *s = arg;

	snapshot_put(s->plain);
	account_put(s->account);
	s->plain = set->snapshot;
	s->account = set->account;
	s->fresh = true;
	log_info(s->log, "%s set: %zu VRPs, %zu router keys, %zu ASPAs",
	    set->seal.kind == WIRE_SEAL_EARLY ? "early" : "whole",
	    snapshot_vrps(s->plain), snapshot_router_keys(s->plain),
	    snapshot_aspas(s->plain));
	findings_log(s->log, account_report(s->account),
	    !setting_on(s->task->settings, SET_LOG_REPOSITORY_ISSUES)
		? FINDINGS_QUIETLY
	    : s->task->policy.strict ? FINDINGS_STRICT
				     : FINDINGS_ASKED);
	advance(s);
}

static void
on_over(void *arg)
{
	advance(arg);
}

static void
on_keeper_gone(void *arg)
{
	struct service *s = arg;

	log_error(s->log, "the keeper has died; start kedge again");
	s->exit_code = TASK_ERROR;
	s->want_stop = true;
	advance(s);
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

static enum service_state
finish_run(struct service *s)
{
	int64_t refresh = (int64_t)s->task->settings->at[SET_REFRESH].number;
	int64_t pause = FIRST_PAUSE;

	s->run_finished = clock_wall();
	s->running = false;
	if (shift_good(s->shift) && s->account != NULL) {
		s->failures = 0;
		count_run(s);
		plan_run(s, pause_before_next(s));
		return SERVICE_IDLE;
	}
	s->engine.failures++;
	for (unsigned i = 0; i < s->failures && pause < refresh; i++) {
		pause *= 2;
	}
	pause = pause < refresh ? pause : refresh;
	s->failures++;
	log_error(s->log, "run failed: %s; the next one begins in %lld s%s",
	    shift_why(s->shift), (long long)pause,
	    history_current(s->history) != NULL ? "; what is there is served on"
						: "");
	plan_run(s, pause);
	return SERVICE_STALE;
}

/* --- publishing */

static void
begin_publish(struct service *s)
{
	const struct snapshot *now = history_current(s->history);
	struct shape shape = shape_of(s->task->settings, s->task->exceptions);
	struct errand *errand = errand_new(s, ERRAND_PUBLISH);

	s->fresh = false;
	s->publishing = true;
	errand->publish = publish_new(snapshot_get(s->plain),
	    now != NULL ? snapshot_get(now) : NULL, &shape);
	pool_submit(s->pool, errand);
}

/* One writing at a time; the newest set wins. */
static void
file(struct service *s)
{
	struct errand *errand;

	if (s->targets.count == 0 || s->filing) {
		s->refile = s->targets.count > 0;
		return;
	}
	errand = errand_new(s, ERRAND_FILES);
	errand->snapshot = snapshot_get(history_current(s->history));
	errand->account = account_get(s->account);
	errand->targets = &s->targets;
	errand->made = account_report(s->account)->finished;
	s->filing = true;
	s->refile = false;
	pool_submit(s->pool, errand);
}

static void
adopt(struct service *s)
{
	struct publish *p = s->published;
	bool changed = history_advance(s->history, p->fresh, p->delta);

	p->fresh = NULL;
	p->delta = NULL;
	shape_log(s->log, &p->shape, &p->effects);
	shape_clear(&s->effects);
	s->effects = p->effects;
	p->effects = (struct shape_effects){ 0 };
	publish_free(p);
	s->published = NULL;
	if (changed) {
		s->changed = clock_wall();
		feed_changed(s->feed);
		server_changed(s->rtr);
		log_info(s->log, "serial %u",
		    (unsigned)history_serial(s->history));
	}
	file(s);
}

/* --- states */

static enum service_state
step_rest(struct service *s)
{
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
	if (s->published == NULL) {
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
	if (!shift_working(s->shift) && server_idle(s->rtr)) {
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

static void
advance(struct service *s)
{
	enum service_state next;

	while ((next = states[s->state].step(s)) != s->state) {
		log_debug(s->log, "service: %s -> %s", states[s->state].name,
		    states[next].name);
		s->state = next;
		s->entered = clock_wall();
	}
}

/* --- doorbells */

static void
on_back(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;
	struct errand *errand;

	(void)fd;
	(void)what;
	while ((errand = pool_collect(s->pool)) != NULL) {
		if (errand->kind == ERRAND_PUBLISH) {
			s->published = errand->publish;
			errand->publish = NULL;
		} else {
			s->filing = false;
		}
		drop_errand(errand);
	}
	if (s->refile) {
		file(s);
	}
	advance(s);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;

	(void)fd;
	(void)what;
	s->want_run = true;
	advance(s);
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

	(void)what;
	if (number == SIGUSR1) {
		s->want_run = true;
	} else if (number == SIGTERM || number == SIGINT) {
		s->want_stop = true;
	} else {
		(void)log_reopen(s->log);
	}
	advance(s);
}

/* --- life */

static void
catch_signals(struct service *s)
{
	static const int numbers[SIGNALS] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
		SIGUSR2 };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < SIGNALS; i++) {
		s->signals[i] = evsignal_new(s->base, numbers[i], on_signal, s);
		(void)event_add(s->signals[i], NULL);
	}
}

static void
make_feed(struct service *s)
{
	const struct setting *at = s->task->settings->at;
	struct feed_config config = {
		.timing = {
			.refresh = (uint32_t)at[SET_REFRESH].number,
			.retry = (uint32_t)at[SET_RETRY].number,
			.expire = (uint32_t)at[SET_EXPIRE].number,
		},
		.max_version = (unsigned)at[SET_RTR_MAX_VERSION].number,
	};

	clock_random(config.sessions, sizeof(config.sessions));
	s->history = history_new(1, (unsigned)at[SET_HISTORY].number);
	s->feed = feed_new(s->history, &config);
}

static void
make_rtr(struct service *s)
{
	const struct setting *at = s->task->settings->at;
	struct server_config config = {
		.base = s->base,
		.log = s->log,
		.feed = feed_of(s->feed),
		.clients = (unsigned)at[SET_RTR_MAX_CLIENTS].number,
		.per_address =
		    (unsigned)at[SET_RTR_MAX_CLIENTS_PER_ADDRESS].number,
		.stall_seconds = (unsigned)at[SET_RTR_WRITE_TIMEOUT].number,
		.keepalive_seconds = (unsigned)at[SET_RTR_TCP_KEEPALIVE].number,
		.notify_seconds = NOTIFY_SECONDS,
	};

	s->rtr = server_new(&config);
}

struct service *
service_new(struct task *task, struct keeper *keeper, unsigned sandbox)
{
	struct pool_work errands = {
		.name = "errand",
		.begin = begin_worker,
		.work = work,
		.end = end_worker,
	};
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
	s->started = s->entered = clock_wall();
	s->task->policy.early_seal = true;
	s->base = event_base_new();
	errands.arg = s;
	s->pool = pool_new(&errands, WORKERS, 0);
	s->back = event_new(s->base, pool_bell(s->pool), EV_READ | EV_PERSIST,
	    on_back, s);
	(void)event_add(s->back, NULL);
	s->due = evtimer_new(s->base, on_due, s);
	s->leave = evtimer_new(s->base, on_leave, s);
	s->shift = shift_new(s->base, keeper, task->engine, s->log, &ears);
	catch_signals(s);
	make_feed(s);
	make_rtr(s);
	return s;
}

void
service_free(struct service *s)
{
	if (s == NULL) {
		return;
	}
	shift_free(s->shift);
	pool_free(s->pool, drop_errand, drop_errand);
	server_free(s->rtr);
	feed_free(s->feed);
	history_free(s->history);
	publish_free(s->published);
	snapshot_put(s->plain);
	account_put(s->account);
	shape_clear(&s->effects);
	for (size_t i = 0; i < SIGNALS; i++) {
		event_free(s->signals[i]);
	}
	event_free(s->due);
	event_free(s->leave);
	event_free(s->back);
	event_base_free(s->base);
	free(s);
}

int
service_listen_rtr(struct service *s, int fd,
    const struct server_transport *transport)
{
	return server_listen(s->rtr, fd, transport);
}

bool
service_outputs(struct service *s, struct octets *why)
{
	return targets_read(&s->targets, s->task->settings, NULL, why);
}

int
service_run(struct service *s)
{
	s->want_run = true;
	advance(s);
	event_base_dispatch(s->base);
	return s->exit_code;
}
