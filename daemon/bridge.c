/* SPDX-License-Identifier: BSD-2-Clause */
/* bridge - see bridge.h. */
#include "daemon/bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/listen.h"

enum { ROOM = 65536 };

/* One direction: what was read and not yet written. */
struct direction {
	int from, to;
	bool ended; /* nothing more comes */
	bool shut;  /* and the other end was told */
	size_t at, len;
	uint8_t room[ROOM];
};

/* False: it is broken. */
static bool
fill(struct direction *direction)
{
	ssize_t n =
	    read(direction->from, direction->room, sizeof(direction->room));

	if (n < 0) {
		return errno == EAGAIN || errno == EINTR;
	}
	direction->at = 0;
	direction->len = (size_t)n;
	direction->ended = n == 0;
	return true;
}

static bool
drain(struct direction *direction)
{
	ssize_t n = write(direction->to, direction->room + direction->at,
	    direction->len);

	if (n < 0) {
		return errno == EAGAIN || errno == EINTR;
	}
	direction->at += (size_t)n;
	direction->len -= (size_t)n;
	return true;
}

/* The end of one half is the end of the other's. */
static void
pass_end(struct direction *direction)
{
	if (!direction->ended || direction->len > 0 || direction->shut) {
		return;
	}
	direction->shut = true;
	if (shutdown(direction->to, SHUT_WR) != 0) {
		(void)close(direction->to); /* a pipe */
	}
}

static void
watch(struct pollfd *in, struct pollfd *out, const struct direction *direction)
{
	bool reads = !direction->ended && direction->len == 0;

	*in = (struct pollfd){ .fd = reads ? direction->from : -1,
		.events = POLLIN };
	*out = (struct pollfd){ .fd = direction->len > 0 ? direction->to : -1,
		.events = POLLOUT };
}

/* Until the server has ended; a router that hung up ends the server's side. */
static bool
join(struct direction *up, struct direction *down)
{
	while (!down->shut) {
		struct pollfd at[4];

		watch(&at[0], &at[1], up);
		watch(&at[2], &at[3], down);
		if (poll(at, 4, -1) < 0 && errno != EINTR) {
			return false;
		}
		if ((at[0].revents != 0 && !fill(up)) ||
		    (at[1].revents != 0 && !drain(up)) ||
		    (at[2].revents != 0 && !fill(down)) ||
		    (at[3].revents != 0 && !drain(down))) {
			return false;
		}
		pass_end(up);
		pass_end(down);
	}
	return true;
}

int
bridge_run(struct task *task)
{
	const char *path = task->settings->at[SET_RTR_SOCKET].text;
	struct direction *up = arena_zero(task->arena, 1, sizeof(*up));
	struct direction *down = arena_zero(task->arena, 1, sizeof(*down));
	struct listen_call call = { .where = path };
	struct octets why = { 0 };
	int fd;

	signal(SIGPIPE, SIG_IGN);
	if (path == NULL) {
		log_error(task->log,
		    "no socket: set rtr-socket in the configuration, for the "
		    "server and for this");
		return TASK_ERROR;
	}
	fd = listen_call(&call, &why);
	if (fd < 0) {
		log_error(task->log, "%.*s; does the server run?", (int)why.len,
		    (const char *)why.at);
		octets_clear(&why);
		return TASK_ERROR;
	}
	up->from = STDIN_FILENO;
	up->to = fd;
	down->from = fd;
	down->to = STDOUT_FILENO;
	return join(up, down) ? TASK_GOOD : TASK_ERROR;
}
