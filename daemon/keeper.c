/* SPDX-License-Identifier: BSD-2-Clause */
/* keeper - see keeper.h. */
#include "daemon/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "base/octets.h"
#include "daemon/spawn.h"

/* Both ways: kind (1), process (4), code (4). */
enum { MESSAGE = 9 };

enum keeper_ask { ASK_START = 1, ASK_KILL };

struct keeper {
	int fd;
	pid_t pid;
};

/* --- messages */

static int
send_message(int fd, uint8_t kind, pid_t process, int code, int with)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct octets o = { 0 };
	struct iovec part;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	octets_u8(&o, kind);
	octets_u32(&o, (uint32_t)process);
	octets_u32(&o, (uint32_t)code);
	part = (struct iovec){ .iov_base = o.at, .iov_len = o.len };
	if (with >= 0) {
		struct cmsghdr *header;

		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &with, sizeof(with));
	}
	do {
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	octets_clear(&o);
	return n < 0 ? -errno : 0;
}

struct message {
	uint8_t kind;
	pid_t process;
	int code;
	int with; /* a descriptor, or -1 */
};

/* 1: a message; 0: the other side has ended; -errno. */
static int
receive_message(int fd, int flags, struct message *m)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	uint8_t octets[MESSAGE];
	struct iovec part = { octets, sizeof(octets) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	struct cmsghdr *header;
	struct cursor c;
	ssize_t n = recvmsg(fd, &message, flags | MSG_CMSG_CLOEXEC);

	if (n <= 0) {
		return n == 0 ? 0 : -errno;
	}
	m->with = -1;
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_type == SCM_RIGHTS) {
		memcpy(&m->with, CMSG_DATA(header), sizeof(m->with));
	}
	c = cursor_open(bytes_of(octets, (size_t)n));
	m->kind = cursor_u8(&c);
	m->process = (pid_t)cursor_u32(&c);
	m->code = (int)cursor_u32(&c);
	return cursor_end(&c) ? 1 : -EPROTO;
}

/* --- the process */

struct keeping {
	int fd;
	int signals;
	const char *engine;
	sigset_t mask;  /* an engine's */
	pid_t *engines; /* alive */
	size_t count;
};

static void
start(struct keeping *k)
{
	struct arena *arena = arena_new();
	struct spawned child = { .fd = -1 };
	int rc = spawn_engine(&child, k->engine, &k->mask, arena);

	arena_free(arena);
	if (rc != 0) {
		(void)send_message(k->fd, KEEPER_FAILED, 0, -rc, -1);
		return;
	}
	k->engines = mem_grow(k->engines, k->count + 1, sizeof(*k->engines));
	k->engines[k->count++] = child.pid;
	(void)send_message(k->fd, KEEPER_STARTED, child.pid, 0, child.fd);
	close(child.fd);
}

static bool
is_ours(const struct keeping *k, pid_t engine)
{
	for (size_t i = 0; i < k->count; i++) {
		if (k->engines[i] == engine) {
			return true;
		}
	}
	return false;
}

static void
forget(struct keeping *k, pid_t engine)
{
	for (size_t i = 0; i < k->count; i++) {
		if (k->engines[i] == engine) {
			k->engines[i] = k->engines[--k->count];
			return;
		}
	}
}

/* Whatever an engine started goes with it. */
static void
reap(struct keeping *k)
{
	struct signalfd_siginfo drained;
	int status;
	pid_t gone;

	(void)!read(k->signals, &drained, sizeof(drained));
	while ((gone = waitpid(-1, &status, WNOHANG)) > 0) {
		if (is_ours(k, gone)) {
			kill(-gone, SIGKILL);
			forget(k, gone);
			(void)send_message(k->fd, KEEPER_ENDED, gone, status,
			    -1);
		}
	}
}

/* False when the server has ended. */
static bool
obey(struct keeping *k)
{
	struct message m;

	if (receive_message(k->fd, 0, &m) != 1) {
		return false;
	}
	if (m.kind == ASK_START) {
		start(k);
	} else if (m.kind == ASK_KILL && is_ours(k, m.process)) {
		kill(-m.process, SIGKILL);
		kill(m.process, SIGKILL);
	}
	return true;
}

static void
keep(struct keeping *k)
{
	struct pollfd wait[2] = {
		{ .fd = k->fd, .events = POLLIN },
		{ .fd = k->signals, .events = POLLIN },
	};

	for (;;) {
		if (poll(wait, 2, -1) < 0 && errno != EINTR) {
			break;
		}
		if (wait[1].revents != 0) {
			reap(k);
		}
		if (wait[0].revents != 0 && !obey(k)) {
			break;
		}
	}
	for (size_t i = 0; i < k->count; i++) {
		kill(-k->engines[i], SIGKILL);
		kill(k->engines[i], SIGKILL);
	}
}

/* Descriptors of the server mean nothing here: only 0 to 2 and the socket. */
static int
only_socket(int fd)
{
	int kept = STDERR_FILENO + 1;

	if (fd != kept && dup2(fd, kept) < 0) {
		_exit(1);
	}
	close_range((unsigned)kept + 1, ~0U, 0);
	return kept;
}

static void __attribute__((noreturn)) live(int fd, const char *engine)
{
	struct keeping k = { .engine = engine };
	sigset_t set;

	/* A terminal's signals are for the server, which tells us its end. */
	setpgid(0, 0);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	(void)prctl(PR_SET_NAME, "kedge-keeper", 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	k.fd = only_socket(fd);
	sigemptyset(&k.mask);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	k.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	keep(&k);
	_exit(0);
}

/* --- the server's side */

int
keeper_fork(struct keeper **keeper, const char *engine)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		return -errno;
	}
	pid = fork();
	if (pid == 0) {
		live(pair[1], engine);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return -errno;
	}
	*keeper = mem_zero(1, sizeof(**keeper));
	(*keeper)->fd = pair[0];
	(*keeper)->pid = pid;
	return 0;
}

void
keeper_free(struct keeper *keeper)
{
	if (keeper == NULL) {
		return;
	}
	close(keeper->fd);
	while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR) {
	}
	free(keeper);
}

int
keeper_fd(const struct keeper *keeper)
{
	return keeper->fd;
}

int
keeper_start(struct keeper *keeper)
{
	return send_message(keeper->fd, ASK_START, 0, 0, -1);
}

int
keeper_kill(struct keeper *keeper, pid_t engine)
{
	return send_message(keeper->fd, ASK_KILL, engine, 0, -1);
}

void
keeper_hear(struct keeper *keeper, struct keeper_news *news)
{
	struct message m;
	int rc = receive_message(keeper->fd, MSG_DONTWAIT, &m);

	*news = (struct keeper_news){ .event = KEEPER_NOTHING, .fd = -1 };
	if (rc == -EAGAIN || rc == -EINTR) {
		return;
	}
	if (rc != 1) {
		news->event = KEEPER_GONE;
		return;
	}
	news->event = (enum keeper_event)m.kind;
	news->engine = m.process;
	news->code = m.code;
	news->fd = m.with;
}
