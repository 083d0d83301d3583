/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dialogue - what kedge and one engine say to each other, without waiting.
 *
 * The engine may lie, stop in the middle or say nothing; a set is handed out
 * only when its seal came and fits. Waiting is the caller's business: a
 * command polls, the server has an event loop.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/log.h"
#include "payload/snapshot.h"
#include "payload/wire.h"

/* A set that was sealed. */
struct dialogue_set {
	const struct snapshot *snapshot; /* a reference: the taker's */
	const struct report *report;     /* in the dialogue's arena */
	struct wire_seal seal;
};

struct dialogue_ears {
	struct log *log;
	void (*sealed)(void *arg, const struct dialogue_set *set);
	void (*progress)(void *arg, const struct wire_progress *news);
	void (*text)(void *arg, struct bytes text); /* either may be NULL */
	/* The next object to look at, lent until the call after; false: there
	 * are no more. Needed for dialogue_inspect() alone. */
	bool (*next)(void *arg, struct wire_look *look);
	void *arg;
};

enum dialogue_end {
	DIALOGUE_ON,     /* it goes on */
	DIALOGUE_DONE,   /* it said so itself: code and why are its words */
	DIALOGUE_BROKEN, /* it spoke nonsense: why says which */
	DIALOGUE_CUT,    /* it left without a word */
};

struct dialogue {
	const struct dialogue_ears *ears;
	struct arena *arena;
	int fd;
	struct octets out; /* what it was not ready to take yet */
	size_t sent;
	struct frame_reader reader;
	size_t most_providers;       /* of a customer in a set */
	struct builder *builder;     /* the set under way */
	const struct report *report; /* of the set under way */
	bool hello;
	enum dialogue_end end;
	uint8_t code;    /* exit code it asks for */
	const char *why; /* one line, in the arena; or NULL */
};

/* The descriptor stays the caller's. */
void dialogue_init(struct dialogue *d, int fd, const struct dialogue_ears *ears,
    struct arena *arena);
void dialogue_clear(struct dialogue *d);

/* Give it work, or ask it to end; dialogue_send() moves the octets. */
void dialogue_run(struct dialogue *d, const struct policy *policy);
void dialogue_inspect(struct dialogue *d, const struct policy *policy,
    const struct wire_inspect *inspect);
void dialogue_stop(struct dialogue *d);

/* What fits now. A broken pipe is not said: its end will tell why. */
void dialogue_send(struct dialogue *d);
bool dialogue_waiting(const struct dialogue *d); /* for room to send */

/* Read once and take every whole frame; d->end says whether it goes on. */
void dialogue_hear(struct dialogue *d);
