/* SPDX-License-Identifier: BSD-2-Clause */
/* shift - see shift.h. */
#include "daemon/shift.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/pool.h"
#include "daemon/courier.h"
#include "daemon/spawn.h"

enum { LAST_WORDS_SECONDS = 5 }; /* from an engine's last word to its end */

struct shift {
	struct keeper *keeper;
	const char *program;
	struct log *log;
	struct shift_ears ears;
	struct pool *pool;
	struct event *back, *news, *kill;

	const struct policy *policy; /* of the engine asked for */
	bool asked;                  /* for one that has not come yet */
	bool stopping;
	pid_t engine;            /* 0: none */
	struct courier *courier; /* NULL: it said its last word */
	enum dialogue_end end;
	uint8_t code;
	int status;             /* as wait(2) has it */
	char words[WORDS_LINE]; /* its last on standard error */
	char why[256];
	struct wire_progress progress;
};

/* --- the courier's thread */

static void *
begin_worker(void *arg, unsigned worker)
{
	(void)worker;
	return arg;
}

static void *
work(void *self, void *job)
{
	(void)self;
	courier_listen(job);
	return job;
}

static void
end_worker(void *self)
{
	(void)self;
}

static void
drop_courier(void *courier)
{
	courier_free(courier);
}

/* --- the loop's side */

static void
over_if_gone(struct shift *shift)
{
	if (!shift_working(shift)) {
		shift->ears.over(shift->ears.arg);
	}
}

static void
take_set(struct shift *shift, struct courier *courier)
{
	struct shift_set set = {
		.snapshot = courier->snapshot,
		.account = courier->account,
		.seal = courier->seal,
	};

	courier->snapshot = NULL;
	courier->account = NULL;
	shift->ears.set(shift->ears.arg, &set);
}

static void
take_end(struct shift *shift, struct courier *courier)
{
	const struct dialogue *d = &courier->dialogue;
	struct timeval patience = { .tv_sec = LAST_WORDS_SECONDS };

	shift->end = d->end;
	shift->code = d->code;
	if (d->why != NULL && shift->why[0] == '\0') {
		snprintf(shift->why, sizeof(shift->why), "%s", d->why);
	}
	courier_free(courier);
	shift->courier = NULL;
	if (shift->engine != 0) {
		(void)event_add(shift->kill, &patience);
	}
	over_if_gone(shift);
}

static void
on_courier(struct shift *shift, struct courier *courier)
{
	switch (courier->news) {
	case COURIER_PROGRESS:
		break;
	case COURIER_SET:
		take_set(shift, courier);
		break;
	case COURIER_END:
		take_end(shift, courier);
		return;
	case COURIER_LATE:
		snprintf(shift->why, sizeof(shift->why),
		    "the engine overstayed and was ended");
		(void)keeper_kill(shift->keeper, shift->engine);
		break;
	}
	shift->progress = courier->progress;
	pool_submit(shift->pool, courier);
}

static void
on_back(evutil_socket_t fd, short what, void *arg)
{
	struct shift *shift = arg;
	void *courier;

	(void)fd;
	(void)what;
	while ((courier = pool_collect(shift->pool)) != NULL) {
		on_courier(shift, courier);
	}
}

static void
on_started(struct shift *shift, const struct keeper_news *news)
{
	shift->asked = false;
	shift->engine = news->engine;
	if (news->fd < 0) {
		/* Its socket did not fit in here. */
		snprintf(shift->why, sizeof(shift->why),
		    "too many open files to speak to the engine: raise "
		    "LimitNOFILE=, or ulimit -n");
		(void)keeper_kill(shift->keeper, shift->engine);
		return;
	}
	shift->courier = courier_new(news->fd, shift->policy, shift->log);
	if (shift->stopping) {
		courier_stop(shift->courier);
	}
	pool_submit(shift->pool, shift->courier);
}

static void
on_ended(struct shift *shift, const struct keeper_news *news)
{
	if (news->engine != shift->engine) {
		return;
	}
	shift->engine = 0;
	shift->status = news->code;
	memcpy(shift->words, news->words, sizeof(shift->words));
	event_del(shift->kill);
	over_if_gone(shift);
}

static void
on_news(evutil_socket_t fd, short what, void *arg)
{
	struct shift *shift = arg;
	struct keeper_news news;

	(void)fd;
	(void)what;
	keeper_hear(shift->keeper, &news);
	switch (news.event) {
	case KEEPER_NOTHING:
		break;
	case KEEPER_STARTED:
		on_started(shift, &news);
		break;
	case KEEPER_FAILED:
		shift->asked = false;
		snprintf(shift->why, sizeof(shift->why), "cannot start %s: %s",
		    shift->program, strerror(news.code));
		over_if_gone(shift);
		break;
	case KEEPER_ENDED:
		on_ended(shift, &news);
		break;
	case KEEPER_GONE:
		event_del(shift->news);
		shift->ears.keeper_gone(shift->ears.arg);
		break;
	}
}

static void
on_kill(evutil_socket_t fd, short what, void *arg)
{
	struct shift *shift = arg;

	(void)fd;
	(void)what;
	if (shift->engine != 0) {
		(void)keeper_kill(shift->keeper, shift->engine);
	}
}

struct shift *
shift_new(struct event_base *base, struct keeper *keeper, const char *engine,
    struct log *log, const struct shift_ears *ears)
{
	struct pool_work job = {
		.name = "courier",
		.begin = begin_worker,
		.work = work,
		.end = end_worker,
	};
	struct shift *shift = mem_zero(1, sizeof(*shift));

	job.arg = shift;
	shift->keeper = keeper;
	shift->program = engine;
	shift->log = log;
	shift->ears = *ears;
	shift->pool = pool_new(&job, 1, 0);
	shift->back = event_new(base, pool_bell(shift->pool),
	    EV_READ | EV_PERSIST, on_back, shift);
	shift->news = event_new(base, keeper_fd(keeper), EV_READ | EV_PERSIST,
	    on_news, shift);
	shift->kill = evtimer_new(base, on_kill, shift);
	(void)event_add(shift->back, NULL);
	(void)event_add(shift->news, NULL);
	return shift;
}

void
shift_free(struct shift *shift)
{
	if (shift == NULL) {
		return;
	}
	if (shift->engine != 0) {
		(void)keeper_kill(shift->keeper, shift->engine);
	}
	event_free(shift->back);
	event_free(shift->news);
	event_free(shift->kill);
	pool_free(shift->pool, drop_courier, drop_courier);
	free(shift);
}

void
shift_begin(struct shift *shift, const struct policy *policy)
{
	int rc = keeper_start(shift->keeper);

	shift->policy = policy;
	shift->end = DIALOGUE_ON;
	shift->code = 1;
	shift->status = 0;
	shift->words[0] = '\0';
	shift->why[0] = '\0';
	shift->stopping = false;
	shift->progress = (struct wire_progress){ 0 };
	/* Where the keeper cannot be asked its end is what is heard next. */
	shift->asked = rc == 0;
	if (rc != 0) {
		snprintf(shift->why, sizeof(shift->why),
		    "the keeper cannot be asked: %s", strerror(-rc));
	}
}

void
shift_stop(struct shift *shift)
{
	struct timeval patience = { .tv_sec = 1 };

	shift->stopping = true;
	if (shift->courier != NULL) {
		courier_stop(shift->courier);
	}
	(void)event_add(shift->kill, &patience);
}

bool
shift_working(const struct shift *shift)
{
	return shift->asked || shift->courier != NULL || shift->engine != 0;
}

bool
shift_asked(const struct shift *shift)
{
	return shift->asked;
}

bool
shift_good(const struct shift *shift)
{
	return shift->end == DIALOGUE_DONE && shift->code == 0;
}

bool
shift_refused(const struct shift *shift)
{
	return shift->end == DIALOGUE_DONE && shift->code == WIRE_REFUSED;
}

/* In its own words, or what the kernel knows. */
static void
find_words(struct shift *shift)
{
	struct octets death = { 0 };

	if (shift->end != DIALOGUE_CUT) {
		snprintf(shift->why, sizeof(shift->why), "the run failed");
		return;
	}
	spawn_death(&death, shift->program, shift->status, shift->words);
	snprintf(shift->why, sizeof(shift->why), "%.*s", (int)death.len,
	    (const char *)death.at);
	octets_clear(&death);
}

const char *
shift_why(struct shift *shift)
{
	if (shift->why[0] == '\0') {
		find_words(shift);
	}
	return shift->why;
}

const struct wire_progress *
shift_progress(const struct shift *shift)
{
	return &shift->progress;
}
