/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control - how commands reach a running server: a local socket in the state
 * folder that only its owner may open.
 *
 * A request is one line; the answer is "ok" or "no" with a reason, a line, and
 * then text until the end.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/octets.h"

struct control;
struct event_base;

/* The socket's place in a state folder; lives in the arena. */
const char *control_path(const char *state, struct arena *arena);

/* Bind and listen, in the place of what an earlier server left there. A
 * descriptor or -errno. */
int control_bind(const char *path);

/* Answers a line without its newline: true for ok, and *out is the text; false
 * for no, and *out is the reason. */
typedef bool control_answer(void *arg, const char *line, struct octets *out);

/* Takes the socket. */
struct control *control_new(struct event_base *base, struct log *log, int fd,
    control_answer *answer, void *arg);
void control_free(struct control *control);       /* NULL is fine */
bool control_idle(const struct control *control); /* all were answered */

/*
 * From a command: say a line to a local socket, hear everything until it is
 * closed. False, with the reason in *out, when nobody is there or answers.
 */
bool control_talk(const char *path, const char *line, struct octets *out);

/* The same with this server. True for ok. *out is the text, or why not. */
bool control_ask(const char *path, const char *line, struct octets *out);
