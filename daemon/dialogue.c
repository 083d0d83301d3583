/* SPDX-License-Identifier: BSD-2-Clause */
/* dialogue - see dialogue.h. */
#include "daemon/dialogue.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cursor.h"
#include "base/text.h"

/* As base/frame.h has it, but never waiting: it may not be listening. */
static void
queue_frame(struct dialogue *d, enum wire type, struct bytes body)
{
	if (d->sent == d->out.len) {
		octets_reset(&d->out);
		d->sent = 0;
	}
	octets_u8(&d->out, (uint8_t)type);
	octets_run(&d->out, body);
}

/* --- listening */

static void __attribute__((format(printf, 2, 3)))
disbelieve(struct dialogue *d, const char *format, ...)
{
	struct octets line = { 0 };
	va_list list;

	va_start(list, format);
	octets_vprintf(&line, format, list);
	va_end(list);
	d->end = DIALOGUE_BROKEN;
	d->code = 1;
	d->why = text_copy(d->arena, octets_bytes(&line));
	octets_clear(&line);
}

/* False for good: whatever else it says is not believed. */
static bool
nonsense(struct dialogue *d, const char *what)
{
	disbelieve(d, "the engine sent %s", what);
	return false;
}

/* Reads a run of text to the end of the frame, made fit for a terminal. */
static const char *
rest_text(struct dialogue *d, struct cursor *c)
{
	struct octets line = { 0 };
	struct bytes run = cursor_run(c);
	const char *text;

	text_escape(&line, bytes_of(run.at, run.len < 2048 ? run.len : 2048));
	text = text_copy(d->arena, octets_bytes(&line));
	octets_clear(&line);
	return text;
}

static bool
take_hello(struct dialogue *d, struct bytes body)
{
	struct cursor c = cursor_open(body);
	const char *theirs = rest_text(d, &c);

	d->hello = cursor_end(&c) && strcmp(theirs, PACKAGE_VERSION) == 0;
	if (!d->hello) {
		disbelieve(d,
		    "the engine's version is `%.64s`, but kedge's is `%s`: "
		    "install both together; a running server wants a restart",
		    theirs, PACKAGE_VERSION);
	}
	return d->hello;
}

static bool
take_log(struct dialogue *d, struct bytes body)
{
	struct cursor c = cursor_open(body);
	unsigned level = cursor_u8(&c);
	struct bytes run = cursor_run(&c);
	struct octets line = { 0 };

	if (!cursor_end(&c) || level > LOG_LEVEL_DEBUG) {
		return nonsense(d, "a broken log line");
	}
	text_escape(&line, bytes_of(run.at, run.len < 2048 ? run.len : 2048));
	octets_u8(&line, 0);
	log_line(d->ears->log, (enum log_level)level, (const char *)line.at);
	octets_clear(&line);
	return true;
}

static bool
take_progress(struct dialogue *d, struct bytes body)
{
	struct wire_progress progress;
	bool good = wire_read_progress(&progress, body);

	if (good && d->ears->progress != NULL) {
		d->ears->progress(d->ears->arg, &progress);
	}
	return good || nonsense(d, "broken progress");
}

static bool
take_set(struct dialogue *d, const struct frame *frame)
{
	if (frame->type == WIRE_BEGIN) {
		builder_free(d->builder);
		d->builder = builder_new();
		builder_most_providers(d->builder, d->most_providers);
		d->report = NULL;
	}
	if (d->builder == NULL || !wire_feed(d->builder, frame)) {
		return nonsense(d, "a broken piece of a set");
	}
	return true;
}

static bool
take_report(struct dialogue *d, struct bytes body)
{
	struct report *report = arena_zero(d->arena, 1, sizeof(*report));

	if (!wire_read_report(report, body, d->arena)) {
		return nonsense(d, "a broken report");
	}
	d->report = report;
	return true;
}

static bool
take_seal(struct dialogue *d, struct bytes body)
{
	struct dialogue_set set = { .report = d->report };
	struct wire_seal *seal = &set.seal;
	struct builder *builder = d->builder;

	if (!wire_read_seal(seal, body) || builder == NULL ||
	    d->report == NULL) {
		return nonsense(d, "a seal without a set");
	}
	if (seal->vrps != builder_count(builder, ITEM_VRP) ||
	    seal->router_keys != builder_count(builder, ITEM_ROUTER_KEY) ||
	    seal->aspas != builder_count(builder, ITEM_ASPA)) {
		return nonsense(d, "a set that its seal does not fit");
	}
	set.snapshot = builder_seal(builder);
	d->builder = NULL;
	d->report = NULL;
	d->ears->sealed(d->ears->arg, &set);
	return true;
}

static bool
take_done(struct dialogue *d, struct bytes body)
{
	struct cursor c = cursor_open(body);
	uint8_t code = cursor_u8(&c);
	const char *why = rest_text(d, &c);

	if (!cursor_end(&c)) {
		return nonsense(d, "a broken end");
	}
	d->code = code;
	d->why = why[0] != '\0' ? why : NULL;
	d->end = DIALOGUE_DONE;
	return true;
}

static bool
take_next(struct dialogue *d)
{
	struct wire_look look = { .name = "" };
	struct octets body = { 0 };

	if (d->ears->next == NULL) {
		return nonsense(d, "a request for objects");
	}
	if (!d->ears->next(d->ears->arg, &look)) {
		dialogue_stop(d);
		return true;
	}
	wire_put_look(&body, &look);
	queue_frame(d, WIRE_LOOK, octets_bytes(&body));
	octets_clear(&body);
	return true;
}

static bool
take_frame(struct dialogue *d, const struct frame *frame)
{
	enum wire type = (enum wire)frame->type;

	if (!d->hello && type != WIRE_HELLO) {
		return nonsense(d, "something before its name");
	}
	switch (type) {
	case WIRE_HELLO:
		return take_hello(d, frame->body);
	case WIRE_LOG:
		return take_log(d, frame->body);
	case WIRE_PROGRESS:
		return take_progress(d, frame->body);
	case WIRE_BEGIN:
	case WIRE_SOURCES:
	case WIRE_VRPS:
	case WIRE_ROUTER_KEYS:
	case WIRE_ASPAS:
		return take_set(d, frame);
	case WIRE_REPORT:
		return take_report(d, frame->body);
	case WIRE_SEAL:
		return take_seal(d, frame->body);
	case WIRE_TEXT:
		if (d->ears->text != NULL) {
			d->ears->text(d->ears->arg, frame->body);
		}
		return true;
	case WIRE_NEXT:
		return take_next(d);
	case WIRE_DONE:
		return take_done(d, frame->body);
	case WIRE_LOOK:
	case WIRE_RUN:
	case WIRE_INSPECT:
	case WIRE_STOP:
		break;
	}
	return nonsense(d, "a frame of unknown kind");
}

void
dialogue_hear(struct dialogue *d)
{
	int rc = frame_fill(&d->reader, d->fd);
	struct frame frame;

	if (rc == -EAGAIN || rc == -EINTR || d->end != DIALOGUE_ON) {
		return;
	}
	if (rc <= 0) {
		d->end = DIALOGUE_CUT;
		d->code = 1;
		return;
	}
	while ((rc = frame_next(&d->reader, &frame)) == 1) {
		if (!take_frame(d, &frame) || d->end != DIALOGUE_ON) {
			return;
		}
	}
	if (rc != 0) {
		(void)nonsense(d, "a frame that is too long");
	}
}

/* --- speaking */

bool
dialogue_waiting(const struct dialogue *d)
{
	return d->sent < d->out.len;
}

void
dialogue_send(struct dialogue *d)
{
	ssize_t n;

	if (!dialogue_waiting(d)) {
		return;
	}
	n = send(d->fd, d->out.at + d->sent, d->out.len - d->sent,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0) {
		d->sent += (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		d->sent = d->out.len;
	}
}

void
dialogue_run(struct dialogue *d, const struct policy *policy)
{
	struct octets body = { 0 };

	d->most_providers = policy->max_aspa_providers;
	policy_encode(&body, policy);
	queue_frame(d, WIRE_RUN, octets_bytes(&body));
	octets_clear(&body);
}

void
dialogue_inspect(struct dialogue *d, const struct policy *policy,
    const struct wire_inspect *inspect)
{
	struct octets encoded = { 0 };
	struct octets body = { 0 };

	policy_encode(&encoded, policy);
	octets_run(&body, octets_bytes(&encoded));
	wire_put_inspect(&body, inspect);
	queue_frame(d, WIRE_INSPECT, octets_bytes(&body));
	octets_clear(&encoded);
	octets_clear(&body);
}

void
dialogue_stop(struct dialogue *d)
{
	queue_frame(d, WIRE_STOP, bytes_of(NULL, 0));
}

void
dialogue_init(struct dialogue *d, int fd, const struct dialogue_ears *ears,
    struct arena *arena)
{
	*d = (struct dialogue){ .fd = fd, .ears = ears, .arena = arena };
}

void
dialogue_clear(struct dialogue *d)
{
	builder_free(d->builder);
	octets_clear(&d->out);
	frame_clear(&d->reader);
	*d = (struct dialogue){ .fd = -1 };
}
