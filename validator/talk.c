/* SPDX-License-Identifier: BSD-2-Clause */
/* talk - see talk.h. Frames from several threads (log lines) are kept whole
 * by the log's own lock and by a queue-free rule: only the owner's thread
 * sends anything else, and log lines go through it as well. */
#include "validator/talk.h"

#include <stdlib.h>

#include "base/frame.h"
#include "base/mem.h"
#include "base/queue.h"

/* A log line on its way to the owner's thread. */
struct line {
	enum log_level level;
	char *text;
};

enum { TALK_LINES = 65536, TALK_TEXT = 1 << 20 };

struct talk {
	int fd;
	bool gone;
	struct queue *lines;
	talk_ear *ear; /* NULL: nobody's */
	void *arg;
};

struct talk *
talk_new(int fd)
{
	struct talk *talk = mem_zero(1, sizeof(*talk));

	talk->fd = fd;
	talk->lines = queue_new(TALK_LINES);
	return talk;
}

static void
say(struct talk *talk, enum wire type, struct bytes body)
{
	if (talk->ear != NULL) {
		talk->ear(talk->arg, type, body);
	}
	if (!talk->gone && frame_send(talk->fd, (uint8_t)type, body) != 0) {
		talk->gone = true;
	}
}

void
talk_lines(struct talk *talk)
{
	struct line *line;

	while ((line = queue_try_pop(talk->lines)) != NULL) {
		struct octets o = { 0 };

		octets_u8(&o, (uint8_t)line->level);
		octets_text(&o, line->text);
		say(talk, WIRE_LOG, octets_bytes(&o));
		octets_clear(&o);
		free(line->text);
		free(line);
	}
}

void
talk_free(struct talk *talk)
{
	if (talk == NULL) {
		return;
	}
	talk_lines(talk);
	queue_close(talk->lines);
	queue_free(talk->lines);
	free(talk);
}

void
talk_overheard(struct talk *talk, talk_ear *ear, void *arg)
{
	talk_lines(talk); /* these are of before */
	talk->ear = ear;
	talk->arg = arg;
}

bool
talk_gone(const struct talk *talk)
{
	return talk->gone;
}

void
talk_line(void *arg, enum log_level level, const char *text)
{
	struct talk *talk = arg;
	struct line *line = mem_zero(1, sizeof(*line));

	line->level = level;
	line->text = mem_text(text);
	if (!queue_try_push(talk->lines, line)) {
		free(line->text);
		free(line);
	}
}

void
talk_frame(struct talk *talk, enum wire type, struct bytes body)
{
	talk_lines(talk);
	say(talk, type, body);
}

void
talk_hello(struct talk *talk)
{
	struct octets o = { 0 };

	octets_text(&o, PACKAGE_VERSION);
	talk_frame(talk, WIRE_HELLO, octets_bytes(&o));
	octets_clear(&o);
}

void
talk_progress(struct talk *talk, const struct wire_progress *progress)
{
	struct octets o = { 0 };

	wire_put_progress(&o, progress);
	talk_frame(talk, WIRE_PROGRESS, octets_bytes(&o));
	octets_clear(&o);
}

void
talk_text(struct talk *talk, struct bytes text)
{
	while (text.len > 0) {
		size_t n = text.len < TALK_TEXT ? text.len : TALK_TEXT;

		talk_frame(talk, WIRE_TEXT, bytes_of(text.at, n));
		text = bytes_of(text.at + n, text.len - n);
	}
}

void
talk_done(struct talk *talk, int code, const char *why)
{
	struct octets o = { 0 };

	octets_u8(&o, (uint8_t)code);
	octets_text(&o, why);
	talk_frame(talk, WIRE_DONE, octets_bytes(&o));
	octets_clear(&o);
}
