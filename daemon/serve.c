/* SPDX-License-Identifier: BSD-2-Clause */
/* serve - see serve.h. */
#include "daemon/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "daemon/confine.h"
#include "daemon/control.h"
#include "daemon/identity.h"
#include "daemon/service.h"

static bool
bind_one(const char *where, int *fd, struct octets *why)
{
	const char *colon = strrchr(where, ':');
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST |
					      AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char host[256];
	int on = 1;
	size_t n = colon != NULL ? (size_t)(colon - where) : 0;

	if (colon == NULL || n >= sizeof(host)) {
		octets_printf(why, "%s: expected ADDRESS:PORT", where);
		return false;
	}
	memcpy(host, where, n);
	host[n] = '\0';
	if (n > 1 && host[0] == '[' && host[n - 1] == ']') {
		memmove(host, host + 1, n - 2);
		host[n - 2] = '\0';
	}
	if (getaddrinfo(host[0] != '\0' ? host : NULL, colon + 1, &hints,
		&found) != 0) {
		octets_printf(why, "%s: expected ADDRESS:PORT", where);
		return false;
	}
	*fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (found->ai_family == AF_INET6) {
		(void)setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on));
	}
	if (*fd < 0 || bind(*fd, found->ai_addr, found->ai_addrlen) != 0 ||
	    listen(*fd, SOMAXCONN) != 0) {
		octets_printf(why, "cannot listen on %s: %s", where,
		    strerror(errno));
		freeaddrinfo(found);
		return false;
	}
	freeaddrinfo(found);
	return true;
}

static int
refuse(struct task *task, struct octets *why)
{
	log_error(task->log, "%.*s", (int)why->len, (const char *)why->at);
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
open_control(const struct settings *all, int *fd, struct octets *why)
{
	const char *path =
	    control_path(all->at[SET_STATE_DIR].text, all->arena);

	*fd = control_bind(path);
	if (*fd < 0) {
		octets_printf(why, "%s: %s", path, strerror(-*fd));
	}
	return *fd >= 0;
}

static bool
listen_all(struct task *task, int *fds, struct octets *why)
{
	const struct policy_list *rtr = &task->settings->at[SET_RTR].list;

	for (size_t i = 0; i < rtr->count; i++) {
		if (!bind_one(rtr->items[i], &fds[i], why)) {
			return false;
		}
	}
	return true;
}

int
serve_run(struct task *task)
{
	const struct settings *all = task->settings;
	const struct policy_list *rtr = &all->at[SET_RTR].list;
	int *fds = arena_zero(task->arena, rtr->count + 1, sizeof(*fds));
	static const struct server_transport tcp = { .name = "tcp" };
	struct octets why = { 0 };
	struct keeper *keeper = NULL;
	struct service *service;
	unsigned sandbox;
	int control = -1;
	int code;
	int rc;

	if (!task_ready(task, &why) || !listen_all(task, fds, &why) ||
	    !identity_become(all->at[SET_USER].text, all->at[SET_GROUP].text,
		&why) ||
	    !make_state(all, &why) || !lock_state(all, &why) ||
	    !open_control(all, &control, &why)) {
		return refuse(task, &why);
	}
	rc = keeper_fork(&keeper, task->engine);
	if (rc != 0) {
		octets_printf(&why, "cannot fork: %s", strerror(-rc));
		return refuse(task, &why);
	}
	if (!confine(task, &sandbox, &why)) {
		keeper_free(keeper);
		return refuse(task, &why);
	}
	service = service_new(task, keeper, sandbox);
	service_control(service, control);
	for (size_t i = 0; i < rtr->count; i++) {
		(void)service_listen_rtr(service, fds[i], &tcp);
	}
	code = service_run(service);
	service_free(service);
	keeper_free(keeper);
	return code;
}
