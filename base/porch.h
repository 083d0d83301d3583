/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * porch - a listening socket on the event loop: hands over who comes. Out of
 * descriptors or memory, those who are here are served on, and the next are
 * asked in again after a moment.
 */
#pragma once

#include "base/log.h"

struct event_base;
struct porch;

struct porch_host {
	struct event_base *base;
	struct log *log;
	const char *what; /* "rtr": how lines of the log begin */
	int backlog;      /* as for listen(2); -1: some */
	/* Takes the descriptor. The address is text, or empty. */
	void (*come)(void *arg, int fd, const char *address);
	void *arg;
};

/* Owns the bound socket from then on; NULL when it cannot be listened on, and
 * then it is still the caller's. */
struct porch *porch_new(const struct porch_host *host, int fd);
/* Closes the socket. NULL is fine. */
void porch_free(struct porch *porch);
/* Let nobody in for now, or again. */
enum porch_door { PORCH_SHUT, PORCH_OPEN };
void porch_set(struct porch *porch, enum porch_door door);
int porch_fd(const struct porch *porch);
