/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service - a validator that runs for years: it owns the set that is served,
 * decides when an engine runs, and tells everybody what changed.
 *
 *	starting -> running -> publishing -> running -> idle -> running ...
 *	running -> serving-stale, where a run failed
 *	any of them -> stopping
 *
 * All state belongs to the thread of the event loop. Whatever takes long is an
 * errand: a job for a worker that comes back with what it found.
 */
#pragma once

#include "daemon/keeper.h"
#include "daemon/task.h"
#include "rtr/server.h"

enum service_state {
	SERVICE_STARTING,   /* nothing was tried yet */
	SERVICE_IDLE,       /* the last run went well; waits for the next */
	SERVICE_RUNNING,    /* an engine is at work */
	SERVICE_PUBLISHING, /* a set is made ready to be served */
	SERVICE_STALE,      /* the last run failed; waits to try again */
	SERVICE_STOPPING,   /* says goodbye */
	SERVICE_STATES
};

struct service;

/* Lends the task and the keeper, which must live as long. */
struct service *service_new(struct task *task, struct keeper *keeper,
    unsigned sandbox);
void service_free(struct service *service); /* NULL is fine */

/* Take a bound socket. 0 or -errno. */
int service_listen_rtr(struct service *service, int fd,
    const struct server_transport *transport);

/* Read what --output asks for. False, with *why, when it is not good. */
bool service_outputs(struct service *service, struct octets *why);

/* Returns when it was stopped: an exit code. */
int service_run(struct service *service);
