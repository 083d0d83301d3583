/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keeper - the one process that may start engines for a server.
 *
 * Forked before the server has sockets, threads or a sandbox; it hears nothing
 * but these few messages, and ends, with every engine, when the server does.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/words.h"

struct keeper;

/* Fork it. 0 or -errno; the child does not return. */
int keeper_fork(struct keeper **keeper, const char *engine);
void keeper_free(struct keeper *keeper); /* it ends; NULL is fine */

/* Readable when there may be news. */
int keeper_fd(const struct keeper *keeper);

/* Ask for an engine, or for an engine's end at once. 0 or -errno. */
int keeper_start(struct keeper *keeper);
int keeper_kill(struct keeper *keeper, pid_t engine);

enum keeper_event {
	KEEPER_NOTHING, /* no more for now */
	KEEPER_STARTED, /* engine and its socket, which is the caller's now */
	KEEPER_FAILED,  /* it could not be started: code is errno */
	KEEPER_ENDED,   /* engine, and code as wait(2) has it */
	KEEPER_GONE,    /* the keeper itself has ended */
};

struct keeper_news {
	enum keeper_event event;
	pid_t engine;
	int code;
	int fd;
	char words[WORDS_LINE]; /* KEEPER_ENDED: its last on standard error */
};

void keeper_hear(struct keeper *keeper, struct keeper_news *news);
