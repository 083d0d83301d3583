/* SPDX-License-Identifier: BSD-2-Clause */
/* keeper - see keeper.h. */
#include "daemon/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
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
#include "base/text.h"
#include "daemon/spawn.h"

/* Both ways: kind (1), process (4), code (4), words (4 and their length). */
enum { MESSAGE = 13 + WORDS_LINE };

enum keeper_ask { ASK_START = 1, ASK_KILL };

struct keeper {
	int fd;
	pid_t pid;
};

/* --- messages */

struct message {
	uint8_t kind;
	pid_t process;
	int code;
	int with; /* a descriptor, or -1 */
	char words[WORDS_LINE];
};

static int
send_message(int fd, const struct message *m)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct octets o = { 0 };
	struct iovec part;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	octets_u8(&o, m->kind);
	octets_u32(&o, (uint32_t)m->process);
	octets_u32(&o, (uint32_t)m->code);
	octets_run(&o, text_bytes(m->words));
	part = (struct iovec){ .iov_base = o.at, .iov_len = o.len };
	if (m->with >= 0) {
		struct cmsghdr *header;

		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &m->with, sizeof(m->with));
	}
	do {
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	octets_clear(&o);
	return n < 0 ? -errno : 0;
}

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
	struct bytes words;
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
	words = cursor_run(&c);
	if (!cursor_end(&c) || words.len >= sizeof(m->words)) {
		return -EPROTO;
	}
	snprintf(m->words, sizeof(m->words), "%.*s", (int)words.len,
	    (const char *)words.at);
	return 1;
}

/* --- the process */

struct kept_engine {
	pid_t pid;
	struct words words;
};

struct keeping {
	int fd;
	int signals;
	const char *engine;
	sigset_t mask;               /* an engine's */
	struct kept_engine *engines; /* alive */
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
		(void)send_message(k->fd,
		    &(struct message){ .kind = KEEPER_FAILED,
			.code = -rc,
			.with = -1 });
		return;
	}
	k->engines = mem_grow(k->engines, k->count + 1, sizeof(*k->engines));
	k->engines[k->count].pid = child.pid;
	words_init(&k->engines[k->count++].words, child.words);
	(void)send_message(k->fd, &(struct message){ .kind = KEEPER_STARTED,
				      .process = child.pid,
				      .with = child.fd });
	close(child.fd);
}

static struct kept_engine *
find(const struct keeping *k, pid_t engine)
{
	for (size_t i = 0; i < k->count; i++) {
		if (k->engines[i].pid == engine) {
			return &k->engines[i];
		}
	}
	return NULL;
}

static void
bury(struct keeping *k, struct kept_engine *engine, int status)
{
	struct message m = { .kind = KEEPER_ENDED,
		.process = engine->pid,
		.code = status,
		.with = -1 };

	while (words_hear(&engine->words)) {
	}
	memcpy(m.words, engine->words.line, sizeof(m.words));
	words_clear(&engine->words);
	*engine = k->engines[--k->count];
	(void)send_message(k->fd, &m);
}

/* Whatever an engine started goes with it. */
static void
reap(struct keeping *k)
{
	struct signalfd_siginfo drained;
	struct kept_engine *engine;
	int status;
	pid_t gone;

	(void)!read(k->signals, &drained, sizeof(drained));
	while ((gone = waitpid(-1, &status, WNOHANG)) > 0) {
		engine = find(k, gone);
		if (engine != NULL) {
			kill(-gone, SIGKILL);
			bury(k, engine, status);
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
	} else if (m.kind == ASK_KILL && find(k, m.process) != NULL) {
		kill(-m.process, SIGKILL);
		kill(m.process, SIGKILL);
	}
	return true;
}

/* What there is to wait for; the caller frees it. */
static struct pollfd *
to_wait_for(const struct keeping *k)
{
	struct pollfd *wait = mem_zero(k->count + 2, sizeof(*wait));

	wait[0] = (struct pollfd){ .fd = k->fd, .events = POLLIN };
	wait[1] = (struct pollfd){ .fd = k->signals, .events = POLLIN };
	for (size_t i = 0; i < k->count; i++) {
		wait[2 + i] = (struct pollfd){ .fd = k->engines[i].words.fd,
			.events = POLLIN };
	}
	return wait;
}

/* False when the server has ended. */
static bool
keep_once(struct keeping *k)
{
	struct pollfd *wait = to_wait_for(k);
	bool on = poll(wait, k->count + 2, -1) >= 0 || errno == EINTR;
	bool asked = wait[0].revents != 0, ended = wait[1].revents != 0;

	free(wait);
	for (size_t i = 0; on && i < k->count; i++) {
		(void)words_hear(&k->engines[i].words);
	}
	if (on && ended) {
		reap(k);
	}
	return on && (!asked || obey(k));
}

static void
keep(struct keeping *k)
{
	while (keep_once(k)) {
	}
	for (size_t i = 0; i < k->count; i++) {
		kill(-k->engines[i].pid, SIGKILL);
		kill(k->engines[i].pid, SIGKILL);
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
	signal(SIGPIPE, SIG_IGN); /* who read our standard error may leave */
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
	return send_message(keeper->fd,
	    &(struct message){ .kind = ASK_START, .with = -1 });
}

int
keeper_kill(struct keeper *keeper, pid_t engine)
{
	return send_message(keeper->fd, &(struct message){ .kind = ASK_KILL,
					    .process = engine,
					    .with = -1 });
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
	memcpy(news->words, m.words, sizeof(news->words));
}
