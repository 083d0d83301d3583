/* SPDX-License-Identifier: BSD-2-Clause */
/* serve - see serve.h. */
#include "daemon/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "daemon/confine.h"
#include "daemon/control.h"
#include "daemon/gate.h"
#include "daemon/heap.h"
#include "daemon/hosting.h"
#include "daemon/identity.h"
#include "daemon/local.h"
#include "daemon/service.h"

static int
refuse(struct task *task, struct octets *why)
{
	log_error(task->log, "%.*s", (int)why->len, (const char *)why->at);
	/* Who starts it waits here for what becomes of it. */
	if (task->log_aside) {
		fprintf(stderr, "kedge: %.*s\n", (int)why->len,
		    (const char *)why->at);
	}
	octets_clear(why);
	return TASK_ERROR;
}

/* Make the state folder, as the user we run as. */
static bool
make_state(const struct settings *all, struct octets *why)
{
	const char *path = all->at[SET_STATE_DIR].text;
	char *copy = arena_text(all->arena, path);

	for (char *slash = strchr(copy + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(copy, 0755);
		*slash = '/';
	}
	if ((mkdir(path, 0750) != 0 && errno != EEXIST) ||
	    access(path, W_OK | X_OK) != 0) {
		octets_printf(why,
		    "state folder %s: %s; make it, or name another with "
		    "--state-dir",
		    path, strerror(errno));
		return false;
	}
	return true;
}

/* One server at a time: the kernel lets go of the lock whatever ends us. */
static bool
lock_state(const struct settings *all, struct octets *why)
{
	const char *state = all->at[SET_STATE_DIR].text;
	const char *path = arena_printf(all->arena, "%s/lock", state);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		octets_printf(why, "%s: %s", path, strerror(errno));
		return false;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		octets_printf(why,
		    "another server uses the state folder %s; stop it (kedge "
		    "stop), or name another with --state-dir",
		    state);
		return false;
	}
	return true; /* held until the end */
}

static bool
open_local(const char *path, int *fd, struct octets *why)
{
	*fd = control_bind(path);
	if (*fd < 0) {
		octets_printf(why, "%s: %s", path, strerror(-*fd));
	}
	return *fd >= 0;
}

/* Sockets that no part of the server took are a unit's mistake. */
static bool
all_taken(const struct gate_passed *passed, struct octets *why)
{
	for (size_t i = 0; i < passed->count; i++) {
		if (passed->sockets[i].fd >= 0) {
			octets_printf(why,
			    "a socket called `%s` was passed to us; "
			    "FileDescriptorName= may be rtr, rtr-tls, "
			    "rtr-local, http or http-tls",
			    passed->sockets[i].name);
			return false;
		}
	}
	return true;
}

static struct gate *
open_gate(const struct settings *all, struct octets *why)
{
	struct gate_passed passed = { 0 };
	struct gate *gate;

	passed.count = notify_sockets(&passed.sockets);
	gate = gate_open(all, NULL, &passed, why);
	if (gate != NULL && !all_taken(&passed, why)) {
		gate_free(gate);
		gate = NULL;
	}
	for (size_t i = 0; i < passed.count; i++) {
		free(passed.sockets[i].name);
	}
	free(passed.sockets);
	return gate;
}

/* It is no error, but hardly what anybody wants. */
static void
warn_unserved(struct task *task, const struct gate *gate)
{
	if (!gate_any(gate) && task->targets->count == 0) {
		log_warn(task->log,
		    "nobody is served: there is no --rtr, --rtr-tls, "
		    "--rtr-socket, --http, --http-tls and no --output; say one "
		    "or set it in the configuration%s",
		    task->settings->file == NULL
			? ", of which there is none at " KEDGE_SYSCONFDIR
			  "/kedge.conf"
			: "");
	}
}

/* What asks a running server for something. */
static void
mask_requests(int how)
{
	sigset_t requests;

	sigemptyset(&requests);
	sigaddset(&requests, SIGHUP);
	sigaddset(&requests, SIGUSR1);
	sigaddset(&requests, SIGUSR2);
	(void)sigprocmask(how, &requests, NULL);
}

void
serve_hold_requests(void)
{
	mask_requests(SIG_BLOCK);
}

int
serve_run(struct task *task)
{
	const struct settings *all = task->settings;
	struct gate *gate = NULL;
	struct octets why = { 0 };
	struct keeper *keeper = NULL;
	struct service *service;
	unsigned sandbox;
	const char *state = all->at[SET_STATE_DIR].text;
	int control = -1, http = -1;
	int code;
	int rc;

	if (!task_ready(task, &why) || (gate = open_gate(all, &why)) == NULL ||
	    !identity_become(all->at[SET_USER].text, all->at[SET_GROUP].text,
		&why) ||
	    !make_state(all, &why) || !lock_state(all, &why) ||
	    !open_local(control_path(state, task->arena), &control, &why) ||
	    !open_local(local_path(state, task->arena), &http, &why)) {
		return refuse(task, &why);
	}
	warn_unserved(task, gate);
	rc = keeper_fork(&keeper, task->engine);
	if (rc != 0) {
		octets_printf(&why, "cannot fork: %s", strerror(-rc));
		return refuse(task, &why);
	}
	if (!confine(task, &sandbox, &why)) {
		keeper_free(keeper);
		return refuse(task, &why);
	}
	heap_settle();
	service = service_new(task, keeper, sandbox);
	mask_requests(SIG_UNBLOCK);
	service_control(service, control, http);
	hosting_gate(service, gate);
	code = service_run(service);
	service_free(service);
	keeper_free(keeper);
	return code;
}
