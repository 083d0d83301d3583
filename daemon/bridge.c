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

enum { LANE_ROOM = 65536 };

/* One direction: what was read and not yet written. */
struct lane {
	int from, to;
	bool ended; /* nothing more comes */
	bool shut;  /* and the other end was told */
	size_t at, len;
	uint8_t room[LANE_ROOM];
};

/* False: the lane is broken. */
static bool
fill(struct lane *lane)
{
	ssize_t n = read(lane->from, lane->room, sizeof(lane->room));

	if (n < 0) {
		return errno == EAGAIN || errno == EINTR;
	}
	lane->at = 0;
	lane->len = (size_t)n;
	lane->ended = n == 0;
	return true;
}

static bool
drain(struct lane *lane)
{
	ssize_t n = write(lane->to, lane->room + lane->at, lane->len);

	if (n < 0) {
		return errno == EAGAIN || errno == EINTR;
	}
	lane->at += (size_t)n;
	lane->len -= (size_t)n;
	return true;
}

/* The end of one half is the end of the other's. */
static void
pass_end(struct lane *lane)
{
	if (!lane->ended || lane->len > 0 || lane->shut) {
		return;
	}
	lane->shut = true;
	if (shutdown(lane->to, SHUT_WR) != 0) {
		(void)close(lane->to); /* a pipe */
	}
}

static void
watch(struct pollfd *in, struct pollfd *out, const struct lane *lane)
{
	bool reads = !lane->ended && lane->len == 0;

	*in =
	    (struct pollfd){ .fd = reads ? lane->from : -1, .events = POLLIN };
	*out = (struct pollfd){ .fd = lane->len > 0 ? lane->to : -1,
		.events = POLLOUT };
}

/* Until the server has ended; a router that hung up ends the server's side. */
static bool
join(struct lane *up, struct lane *down)
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
	struct lane *up = arena_zero(task->arena, 1, sizeof(*up));
	struct lane *down = arena_zero(task->arena, 1, sizeof(*down));
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
