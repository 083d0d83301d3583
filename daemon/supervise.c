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
#include "base/cursor.h"
#include "base/text.h"
#include "daemon/spawn.h"

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
	int signals;       /* SIGINT and SIGTERM, as a descriptor */
	sigset_t before;   /* the signal mask we found */
	struct octets out; /* what it was not ready to take yet */
	size_t out_sent;
	struct frame_reader reader;
	struct builder *builder;     /* the set under way */
	const struct report *report; /* of the set under way */
	int64_t started, stopped;    /* by the monotonic clock; 0: not yet */
	bool hello, done;
};

/* --- listening */

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

/* False for good: whatever else it says is not believed. */
static bool
nonsense(struct engine *engine, const char *what)
{
	say(engine, SUPERVISE_LOST, "the engine sent %s", what);
	return false;
}

/* Reads a run of text to the end of the frame, made fit for a terminal. */
static const char *
rest_text(struct engine *engine, struct cursor *c)
{
	struct octets line = { 0 };
	struct bytes run = cursor_run(c);
	const char *text;

	text_escape(&line, bytes_of(run.at, run.len < 2048 ? run.len : 2048));
	text = text_copy(engine->arena, octets_bytes(&line));
	octets_clear(&line);
	return text;
}

static bool
take_hello(struct engine *engine, struct bytes body)
{
	struct cursor c = cursor_open(body);
	const char *theirs = rest_text(engine, &c);

	engine->hello = cursor_end(&c) && strcmp(theirs, PACKAGE_VERSION) == 0;
	if (!engine->hello) {
		say(engine, SUPERVISE_LOST,
		    "the engine's version is `%.64s`, but kedge's is `%s`: "
		    "install both together",
		    theirs, PACKAGE_VERSION);
	}
	return engine->hello;
}

static bool
take_log(struct engine *engine, struct bytes body)
{
	struct cursor c = cursor_open(body);
	unsigned level = cursor_u8(&c);
	const char *line = rest_text(engine, &c);

	if (!cursor_end(&c) || level > LOG_LEVEL_DEBUG) {
		return nonsense(engine, "a broken log line");
	}
	log_line(engine->work->log, (enum log_level)level, line);
	return true;
}

static bool
take_progress(struct engine *engine, struct bytes body)
{
	struct arena *arena = arena_new();
	struct wire_progress progress;
	bool good = wire_read_progress(&progress, body, arena);

	if (good && engine->work->on_progress != NULL) {
		engine->work->on_progress(engine->work->arg, &progress);
	}
	arena_free(arena);
	return good || nonsense(engine, "broken progress");
}

static bool
take_set(struct engine *engine, const struct frame *frame)
{
	if (frame->type == WIRE_BEGIN) {
		builder_free(engine->builder);
		engine->builder = builder_new();
		engine->report = NULL;
	}
	if (engine->builder == NULL || !wire_feed(engine->builder, frame)) {
		return nonsense(engine, "a broken piece of a set");
	}
	return true;
}

static bool
take_report(struct engine *engine, struct bytes body)
{
	struct report *report = arena_zero(engine->arena, 1, sizeof(*report));

	if (!wire_read_report(report, body, engine->arena)) {
		return nonsense(engine, "a broken report");
	}
	engine->report = report;
	return true;
}

static bool
take_seal(struct engine *engine, struct bytes body)
{
	struct supervise_end *end = engine->end;
	struct builder *builder = engine->builder;
	struct wire_seal seal;

	if (!wire_read_seal(&seal, body) || builder == NULL ||
	    engine->report == NULL) {
		return nonsense(engine, "a seal without a set");
	}
	if (seal.vrps != builder_count(builder, ITEM_VRP) ||
	    seal.router_keys != builder_count(builder, ITEM_ROUTER_KEY) ||
	    seal.aspas != builder_count(builder, ITEM_ASPA)) {
		return nonsense(engine, "a set that its seal does not fit");
	}
	snapshot_put(end->snapshot);
	end->snapshot = builder_seal(builder);
	end->report = engine->report;
	end->complete = seal.complete;
	engine->builder = NULL;
	engine->report = NULL;
	return true;
}

static bool
take_done(struct engine *engine, struct bytes body)
{
	struct cursor c = cursor_open(body);
	uint8_t code = cursor_u8(&c);
	const char *why = rest_text(engine, &c);

	if (!cursor_end(&c)) {
		return nonsense(engine, "a broken end");
	}
	engine->end->code = code;
	if (engine->stopped == 0) {
		engine->end->how = SUPERVISE_DONE;
		engine->end->why = why[0] != '\0' ? why : NULL;
	}
	engine->done = true;
	return true;
}

static bool
take_frame(struct engine *engine, const struct frame *frame)
{
	enum wire type = (enum wire)frame->type;

	if (!engine->hello && type != WIRE_HELLO) {
		return nonsense(engine, "something before its name");
	}
	switch (type) {
	case WIRE_HELLO:
		return take_hello(engine, frame->body);
	case WIRE_LOG:
		return take_log(engine, frame->body);
	case WIRE_PROGRESS:
		return take_progress(engine, frame->body);
	case WIRE_BEGIN:
	case WIRE_SOURCES:
	case WIRE_VRPS:
	case WIRE_ROUTER_KEYS:
	case WIRE_ASPAS:
		return take_set(engine, frame);
	case WIRE_REPORT:
		return take_report(engine, frame->body);
	case WIRE_SEAL:
		return take_seal(engine, frame->body);
	case WIRE_TEXT:
		if (engine->work->on_text != NULL) {
			engine->work->on_text(engine->work->arg, frame->body);
		}
		return true;
	case WIRE_DONE:
		return take_done(engine, frame->body);
	case WIRE_RUN:
	case WIRE_INSPECT:
	case WIRE_STOP:
	case WIRE_QUARANTINE:
		break;
	}
	return nonsense(engine, "a frame of unknown kind");
}

/* False when it is over, one way or the other. */
static bool
hear(struct engine *engine)
{
	int rc = frame_fill(&engine->reader, engine->child.fd);
	struct frame frame;

	if (rc == -EAGAIN || rc == -EINTR) {
		return true;
	}
	if (rc <= 0) {
		return false;
	}
	while ((rc = frame_next(&engine->reader, &frame)) == 1) {
		if (!take_frame(engine, &frame) || engine->done) {
			return false;
		}
	}
	return rc == 0 || nonsense(engine, "a frame that is too long");
}

/* --- the conversation */

/* As base/frame.h has it, but never waiting: it may not be listening. */
static void
queue_frame(struct engine *engine, enum wire type, struct bytes body)
{
	octets_u8(&engine->out, (uint8_t)type);
	octets_run(&engine->out, body);
}

/* What fits now. A broken pipe is not our news: its end will say why. */
static void
send_some(struct engine *engine)
{
	size_t left = engine->out.len - engine->out_sent;
	ssize_t n = 0;

	if (left > 0) {
		n = send(engine->child.fd, engine->out.at + engine->out_sent,
		    left, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	if (n > 0) {
		engine->out_sent += (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		engine->out_sent = engine->out.len;
	}
}

static void
give_work(struct engine *engine)
{
	const struct supervise_work *work = engine->work;
	struct octets policy = { 0 };
	struct octets body = { 0 };

	policy_encode(&policy, work->policy);
	if (work->inspect == NULL) {
		queue_frame(engine, WIRE_RUN, octets_bytes(&policy));
	} else {
		octets_run(&body, octets_bytes(&policy));
		wire_put_inspect(&body, work->inspect);
		queue_frame(engine, WIRE_INSPECT, octets_bytes(&body));
	}
	octets_clear(&policy);
	octets_clear(&body);
}

/* A signal came: ask it to end; a second one does not ask. */
static bool
on_signal(struct engine *engine)
{
	struct signalfd_siginfo which;

	if (read(engine->signals, &which, sizeof(which)) != sizeof(which)) {
		return true;
	}
	if (engine->stopped != 0) {
		return false;
	}
	engine->stopped = clock_mono_ms();
	say(engine, SUPERVISE_STOPPED, "stopped by signal %u", which.ssi_signo);
	queue_frame(engine, WIRE_STOP, bytes_of(NULL, 0));
	return true;
}

/* Has it overstayed? */
static bool
late(struct engine *engine)
{
	const struct supervise_work *work = engine->work;
	int64_t now = clock_mono_ms();
	int64_t since = now - engine->started;
	uint64_t deadline = work->policy->deadline;

	if (engine->stopped != 0) {
		return now - engine->stopped >
		       (int64_t)work->stop_seconds * 1000;
	}
	if (!engine->hello && since > (int64_t)work->hello_seconds * 1000) {
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
	struct pollfd wait[2] = {
		{ .fd = engine->child.fd, .events = POLLIN },
		{ .fd = engine->signals, .events = POLLIN },
	};
	bool on = true;

	while (on && !late(engine)) {
		send_some(engine);
		wait[0].events = POLLIN;
		if (engine->out_sent < engine->out.len) {
			wait[0].events |= POLLOUT;
		}
		if (poll(wait, 2, TICK_MS) < 0 && errno != EINTR) {
			return;
		}
		if (wait[1].revents != 0) {
			on = on_signal(engine);
		}
		if (on && (wait[0].revents & ~POLLOUT) != 0) {
			on = hear(engine);
		}
		if (engine->work->on_progress != NULL) {
			engine->work->on_progress(engine->work->arg, NULL);
		}
	}
}

/* The engine is gone without a word: what the kernel says of it. */
static void
say_death(struct engine *engine, int status)
{
	if (engine->end->why != NULL) {
		return;
	}
	if (WIFSIGNALED(status)) {
		say(engine, SUPERVISE_LOST, "the engine died of signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else if (WEXITSTATUS(status) == SPAWN_NO_EXEC) {
		say(engine, SUPERVISE_LOST, "%s cannot be executed",
		    engine->work->engine);
	} else {
		say(engine, SUPERVISE_LOST,
		    "the engine ended with %d and without a word",
		    WEXITSTATUS(status));
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
	if (!engine->done) {
		say_death(engine, status);
	}
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
		.started = clock_mono_ms() };
	int rc;

	*end = (struct supervise_end){ .how = SUPERVISE_LOST, .code = 1 };
	catch_signals(&engine);
	rc = spawn_engine(&engine.child, work->engine, &engine.before, arena);
	if (rc != 0) {
		say(&engine, SUPERVISE_LOST, "cannot start %s: %s",
		    work->engine, strerror(-rc));
	} else {
		give_work(&engine);
		converse(&engine);
		reap(&engine);
		close(engine.child.fd);
	}
	if (end->how != SUPERVISE_DONE || end->code != 0) {
		snapshot_put(end->snapshot);
		end->snapshot = NULL;
	}
	builder_free(engine.builder);
	octets_clear(&engine.out);
	frame_clear(&engine.reader);
	close(engine.signals);
	sigprocmask(SIG_SETMASK, &engine.before, NULL);
}
