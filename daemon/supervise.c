/* SPDX-License-Identifier: BSD-2-Clause */
/* supervise - see supervise.h. */
#include "daemon/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/dialogue.h"
#include "daemon/spawn.h"
#include "daemon/words.h"

enum {
	ENGINE_FD = 3,  /* where the engine finds us */
	TICK_MS = 200,  /* how often progress is told */
	OVERTIME = 120, /* seconds past its own deadline */
};

struct engine {
	const struct supervise_work *work;
	struct supervise_end *end;
	struct arena *arena;
	struct spawned child;
	struct words words;
	struct dialogue dialogue;
	struct dialogue_ears ears;
	int signals;     /* SIGINT and SIGTERM, as a descriptor */
	sigset_t before; /* the signal mask we found */
	int64_t started_ms, stopped_ms; /* 0: not yet */
};

static void __attribute__((format(printf, 3, 4)))
say(struct engine *engine, enum supervise_how how, const char *format, ...)
{
	char line[512];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	engine->end->how = how;
	engine->end->code = 1;
	engine->end->why = text_copy(engine->arena, text_bytes(line));
}

static void
on_sealed(void *arg, const struct dialogue_set *set)
{
	struct supervise_end *end = ((struct engine *)arg)->end;

	snapshot_put(end->snapshot);
	end->snapshot = set->snapshot;
	end->report = set->report;
	end->complete = set->seal.complete;
}

static void
on_progress(void *arg, const struct wire_progress *news)
{
	const struct supervise_work *work = ((struct engine *)arg)->work;

	if (work->on_progress != NULL) {
		work->on_progress(work->arg, news);
	}
}

static void
on_text(void *arg, struct bytes text)
{
	const struct supervise_work *work = ((struct engine *)arg)->work;

	if (work->on_text != NULL) {
		work->on_text(work->arg, text);
	}
}

static bool
on_next(void *arg, struct wire_look *look)
{
	const struct supervise_work *work = ((struct engine *)arg)->work;

	return work->on_next != NULL && work->on_next(work->arg, look);
}

static void
give_work(struct engine *engine)
{
	const struct supervise_work *work = engine->work;

	engine->ears = (struct dialogue_ears){
		.log = work->log,
		.sealed = on_sealed,
		.progress = on_progress,
		.text = on_text,
		.next = work->inspect != NULL ? on_next : NULL,
		.arg = engine,
	};
	dialogue_init(&engine->dialogue, engine->child.fd, &engine->ears,
	    engine->arena);
	if (work->inspect == NULL) {
		dialogue_run(&engine->dialogue, work->policy);
	} else {
		dialogue_inspect(&engine->dialogue, work->policy,
		    work->inspect);
	}
}

/* A signal came: ask it to end; a second one does not ask. */
static bool
on_signal(struct engine *engine)
{
	struct signalfd_siginfo which;

	if (read(engine->signals, &which, sizeof(which)) != sizeof(which)) {
		return true;
	}
	if (engine->stopped_ms != 0) {
		return false;
	}
	engine->stopped_ms = clock_mono_ms();
	say(engine, SUPERVISE_STOPPED, "stopped by signal %u", which.ssi_signo);
	dialogue_stop(&engine->dialogue);
	return true;
}

/* Has it overstayed? */
static bool
late(struct engine *engine)
{
	const struct supervise_work *work = engine->work;
	int64_t now = clock_mono_ms();
	int64_t since = now - engine->started_ms;
	uint64_t deadline = work->policy->deadline;

	if (engine->stopped_ms != 0) {
		return now - engine->stopped_ms >
		       (int64_t)work->stop_seconds * 1000;
	}
	if (!engine->dialogue.hello &&
	    since > (int64_t)work->hello_seconds * 1000) {
		say(engine, SUPERVISE_LOST, "the engine did not speak");
		return true;
	}
	if (deadline != 0 && since > ((int64_t)deadline + OVERTIME) * 1000) {
		say(engine, SUPERVISE_LOST,
		    "the engine did not end at its deadline");
		return true;
	}
	return false;
}

static void
converse(struct engine *engine)
{
	struct pollfd wait[3] = {
		{ .fd = engine->child.fd, .events = POLLIN },
		{ .fd = engine->signals, .events = POLLIN },
		{ .events = POLLIN },
	};
	bool on = true;

	while (on && !late(engine)) {
		dialogue_send(&engine->dialogue);
		wait[0].events = POLLIN;
		if (dialogue_waiting(&engine->dialogue)) {
			wait[0].events |= POLLOUT;
		}
		wait[2].fd = engine->words.fd;
		if (poll(wait, 3, TICK_MS) < 0 && errno != EINTR) {
			return;
		}
		if (wait[1].revents != 0) {
			on = on_signal(engine);
		}
		(void)words_hear(&engine->words);
		if (on && (wait[0].revents & ~POLLOUT) != 0) {
			dialogue_hear(&engine->dialogue);
			on = engine->dialogue.end == DIALOGUE_ON;
		}
		on_progress(engine, NULL);
	}
}

/* What is known of its end, unless something worse is known already. */
static void
judge(struct engine *engine, int status)
{
	const struct dialogue *d = &engine->dialogue;
	struct octets death = { 0 };

	if (engine->end->why != NULL) {
		return;
	}
	if (d->end == DIALOGUE_DONE) {
		engine->end->how = SUPERVISE_DONE;
		engine->end->code = d->code;
		engine->end->why = d->why;
	} else if (d->end == DIALOGUE_BROKEN) {
		say(engine, SUPERVISE_LOST, "%s", d->why);
	} else {
		while (words_hear(&engine->words)) {
		}
		spawn_death(&death, engine->work->engine, status,
		    engine->words.line);
		say(engine, SUPERVISE_LOST, "%.*s", (int)death.len,
		    (const char *)death.at);
		octets_clear(&death);
	}
}

/* Wait for its end, a second where it said it was done; then make it so. */
static void
reap(struct engine *engine)
{
	int64_t until = clock_mono_ms() + (int64_t)1000;
	int status = 0;
	pid_t gone = 0;

	shutdown(engine->child.fd, SHUT_RDWR);
	while (gone == 0 && clock_mono_ms() < until) {
		gone = waitpid(engine->child.pid, &status, WNOHANG);
		if (gone == 0) {
			clock_sleep_ms(5);
		}
	}
	/* Whatever it started goes with it. */
	kill(-engine->child.pid, SIGKILL);
	if (gone == 0) {
		kill(engine->child.pid, SIGKILL);
		waitpid(engine->child.pid, &status, 0);
	}
	judge(engine, status);
}

static void
catch_signals(struct engine *engine)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &engine->before);
	engine->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	signal(SIGPIPE, SIG_IGN);
}

void
supervise_run(struct supervise_end *end, const struct supervise_work *work,
    struct arena *arena)
{
	struct engine engine = { .work = work,
		.end = end,
		.arena = arena,
		.child = { .fd = -1 },
		.started_ms = clock_mono_ms() };
	int rc;

	*end = (struct supervise_end){ .how = SUPERVISE_LOST, .code = 1 };
	catch_signals(&engine);
	rc = spawn_engine(&engine.child, work->engine, &engine.before, arena);
	if (rc != 0) {
		say(&engine, SUPERVISE_LOST, "cannot start %s: %s",
		    work->engine, strerror(-rc));
	} else {
		words_init(&engine.words, engine.child.words);
		give_work(&engine);
		converse(&engine);
		reap(&engine);
		close(engine.child.fd);
		words_clear(&engine.words);
	}
	if (end->how != SUPERVISE_DONE || end->code != 0) {
		snapshot_put(end->snapshot);
		end->snapshot = NULL;
	}
	dialogue_clear(&engine.dialogue);
	close(engine.signals);
	sigprocmask(SIG_SETMASK, &engine.before, NULL);
}
