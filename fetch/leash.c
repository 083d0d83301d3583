/* SPDX-License-Identifier: BSD-2-Clause */
/* leash - see leash.h. */
#include "fetch/leash.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "fetch/footprint.h"
#include "fetch/order.h"

enum {
	GRACE_MS = 2000, /* between SIGTERM and SIGKILL */
	LOOK_MS = 1000,  /* between two looks at a destination */
	LOOK_SHARE = 20, /* looking takes at most a 20th of the time */
};

/* One child, from its order to its answer. */
struct child {
	pid_t pid;  /* also its process group; 0: the place is free */
	int reply;  /* where the answer goes; hangs up when nobody waits */
	int errors; /* its stderr */
	char *dir;
	uint64_t max_octets, max_files;
	int64_t until_ms, look_at_ms, kill_at_ms;
	bool ending; /* SIGTERM was sent */
	struct launcher_answer answer;
	char line[200]; /* of stderr: the last that tells something */
	char next[200]; /* what of a line has come so far */
	size_t next_len;
};

struct loop {
	const struct leash *leash;
	struct child *children;
	struct pollfd *polls; /* orders, signals, and two a child */
	int signals;
	bool over;
};

/* --- one child */

/* The real path of a folder that lies below ours; NULL when it does not. */
static char *
real_below(const char *top, const char *dir)
{
	char *real = realpath(dir, NULL);
	size_t len = strlen(top);

	if (real != NULL && strncmp(top, real, len) == 0 && real[len] == '/') {
		return real;
	}
	free(real);
	return NULL;
}

/* In the child: nothing but the order, the folder and the pipe is left. */
static _Noreturn void
become(const struct leash *leash, const struct launcher_order *order,
    const char *dir, int errors)
{
	char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C";
	char *environment[] = { path, locale, NULL };
	struct rlimit none = { 0, 0 };
	sigset_t all;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(errors, 2) < 0) {
		_exit(126);
	}
	(void)close_range(3, ~0U, 0);
	(void)umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
	if (order->max_octets != 0) {
		struct rlimit file = { order->max_octets, order->max_octets };

		(void)setrlimit(RLIMIT_FSIZE, &file);
	}
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	sigemptyset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)sandbox_enter_child(dir, leash->program);
	(void)execve(leash->program, (char *const *)(uintptr_t)order->argv,
	    environment);
	_exit(127);
}

static void
reply(struct child *child)
{
	struct octets message = { 0 };
	struct octets safe = { 0 };

	text_escape(&safe, text_bytes(child->line));
	snprintf(child->answer.detail, sizeof(child->answer.detail), "%.*s",
	    (int)safe.len, (const char *)safe.at);
	order_write_answer(&message, &child->answer);
	(void)send(child->reply, message.at, message.len,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
	octets_clear(&message);
	octets_clear(&safe);
}

static void
forget(struct child *child)
{
	if (child->errors >= 0) {
		close(child->errors);
	}
	close(child->reply);
	free(child->dir);
	*child = (struct child){ .reply = -1, .errors = -1 };
}

static void
say(struct child *child, const char *what)
{
	snprintf(child->line, sizeof(child->line), "%s", what);
}

static int
start(struct loop *loop, struct child *child,
    const struct launcher_order *order)
{
	int ends[2];

	child->dir = real_below(loop->leash->below, order->dir);
	if (child->dir == NULL) {
		say(child, "folder is not ours");
		return -EACCES;
	}
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		say(child, "no pipe");
		return -errno;
	}
	child->pid = fork();
	if (child->pid == 0) {
		/* The program expects a pipe that waits. */
		(void)fcntl(ends[1], F_SETFL, 0);
		become(loop->leash, order, child->dir, ends[1]);
	}
	close(ends[1]);
	child->errors = ends[0];
	if (child->pid < 0) {
		child->pid = 0;
		say(child, "no process");
		return -EAGAIN;
	}
	(void)setpgid(child->pid, child->pid); /* whoever comes first */
	child->max_octets = order->max_octets;
	child->max_files = order->max_files;
	child->until_ms = clock_mono_ms() + order->timeout_ms;
	child->look_at_ms = clock_mono_ms() + LOOK_MS;
	return 0;
}

/* rsync ends with a line that says no more than its exit code. */
static bool
sums_up(const char *line)
{
	return strncmp(line, "rsync error: ", strlen("rsync error: ")) == 0 ||
	       strncmp(line, "rsync warning: ", strlen("rsync warning: ")) == 0;
}

static void
end_line(struct child *child)
{
	child->next[child->next_len] = '\0';
	if (child->next_len > 0 &&
	    (child->line[0] == '\0' || !sums_up(child->next))) {
		memcpy(child->line, child->next, child->next_len + 1);
	}
	child->next_len = 0;
}

/* Lines of stderr: the last one that tells something is what people will
 * read. */
static void
take_errors(struct child *child)
{
	char part[4096];
	ssize_t n = read(child->errors, part, sizeof(part));

	for (ssize_t i = 0; i < n; i++) {
		if (part[i] != '\n') {
			if (child->next_len < sizeof(child->next) - 1) {
				child->next[child->next_len++] =
				    part[i] == '\0' ? ' ' : part[i];
			}
			continue;
		}
		end_line(child);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(child->errors);
		child->errors = -1;
	}
}

static void
begin_end(struct child *child)
{
	if (!child->ending) {
		child->ending = true;
		child->kill_at_ms = clock_mono_ms() + GRACE_MS;
		(void)kill(-child->pid, SIGTERM);
	}
}

static void
look(struct child *child)
{
	int64_t began = clock_mono_ms(), took;
	struct footprint sum;

	if (footprint_measure(child->dir, child->max_octets, child->max_files,
		&sum) == 0 &&
	    ((child->max_octets != 0 && sum.octets > child->max_octets) ||
		(child->max_files != 0 && sum.files > child->max_files))) {
		child->answer.too_large = true;
		begin_end(child);
	}
	took = clock_mono_ms() - began;
	child->look_at_ms =
	    began + took +
	    (took * LOOK_SHARE > LOOK_MS ? took * LOOK_SHARE : LOOK_MS);
}

static void
check(struct child *child, int64_t now)
{
	if (now >= child->until_ms && !child->ending) {
		child->answer.timed_out = true;
		begin_end(child);
	}
	if (!child->ending && now >= child->look_at_ms &&
	    (child->max_octets != 0 || child->max_files != 0)) {
		look(child);
	}
	if (child->ending && now >= child->kill_at_ms) {
		child->kill_at_ms = now + GRACE_MS;
		(void)kill(-child->pid, SIGKILL);
	}
}

/* The leader is gone: whatever else it started goes too. */
static void
finish(struct child *child, int status)
{
	(void)kill(-child->pid, SIGKILL);
	if (child->errors >= 0) {
		take_errors(child);
	}
	child->answer.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	reply(child);
	forget(child);
}

/* --- the loop */

static void
reap(struct loop *loop)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (unsigned i = 0; i < loop->leash->children; i++) {
			if (loop->children[i].pid == pid) {
				finish(&loop->children[i], status);
			}
		}
	}
}

static void
take_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTERM) {
			loop->over = true; /* the engine died */
		}
	}
	reap(loop);
}

static ssize_t
receive(int from, uint8_t *message, size_t room, int *passed)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = message, .iov_len = room };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t n = recvmsg(from, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *first = n < 0 ? NULL : CMSG_FIRSTHDR(&msg);

	*passed = -1;
	if (first != NULL && first->cmsg_type == SCM_RIGHTS) {
		memcpy(passed, CMSG_DATA(first), sizeof(int));
	}
	return n;
}

static void
take_order(struct loop *loop, struct child *child)
{
	uint8_t *message = mem_zero(ORDER_MOST, 1);
	struct arena *arena = arena_new();
	struct launcher_order order;
	int passed;
	ssize_t n = receive(loop->leash->orders, message, ORDER_MOST, &passed);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		loop->over = true;
	}
	if (passed >= 0) {
		child->reply = passed;
		child->answer.exit_code = -1;
		if (!order_read(&order, bytes_of(message, (size_t)n), arena)) {
			say(child, "order is not understood");
		}
		if (child->line[0] != '\0' || start(loop, child, &order) != 0) {
			reply(child);
			forget(child);
		}
	}
	arena_free(arena);
	free(message);
}

static struct child *
free_place(struct loop *loop)
{
	for (unsigned i = 0; i < loop->leash->children; i++) {
		if (loop->children[i].pid == 0) {
			return &loop->children[i];
		}
	}
	return NULL;
}

/* Orders wait in the socket while every place is taken. */
static int
wait_for_news(struct loop *loop)
{
	struct pollfd *polls = loop->polls;
	bool busy = false;

	polls[0] = (struct pollfd){
		.fd = loop->leash->orders,
		.events = free_place(loop) != NULL ? POLLIN : 0,
	};
	polls[1] = (struct pollfd){ .fd = loop->signals, .events = POLLIN };
	for (unsigned i = 0; i < loop->leash->children; i++) {
		const struct child *child = &loop->children[i];

		polls[2 + 2 * i] =
		    (struct pollfd){ .fd = child->errors, .events = POLLIN };
		polls[3 + 2 * i] = (struct pollfd){ .fd = child->reply };
		busy = busy || child->pid != 0;
	}
	return poll(polls, 2 + 2 * loop->leash->children, busy ? 100 : -1);
}

static void
advance(struct loop *loop)
{
	const struct pollfd *polls = loop->polls;
	int64_t now = clock_mono_ms();

	for (unsigned i = 0; i < loop->leash->children; i++) {
		struct child *child = &loop->children[i];

		if (child->pid == 0) {
			continue;
		}
		if (child->errors >= 0 && polls[2 + 2 * i].revents != 0) {
			take_errors(child);
		}
		if (polls[3 + 2 * i].revents & (POLLHUP | POLLERR)) {
			begin_end(child); /* nobody waits any more */
		}
		check(child, now);
	}
	if (polls[1].revents != 0) {
		take_signal(loop);
	}
	if (polls[0].revents & POLLIN) {
		take_order(loop, free_place(loop));
	} else if (polls[0].revents & (POLLHUP | POLLERR)) {
		loop->over = true;
	}
}

void
leash_run(const struct leash *leash)
{
	struct loop loop = { .leash = leash };
	sigset_t heard;

	loop.children = mem_zero(leash->children, sizeof(*loop.children));
	loop.polls = mem_zero(2 + 2 * leash->children, sizeof(*loop.polls));
	for (unsigned i = 0; i < leash->children; i++) {
		loop.children[i].reply = loop.children[i].errors = -1;
	}
	sigemptyset(&heard);
	sigaddset(&heard, SIGCHLD);
	sigaddset(&heard, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &heard, NULL);
	loop.signals = signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
	while (!loop.over && loop.signals >= 0) {
		if (wait_for_news(&loop) >= 0) {
			advance(&loop);
		}
	}
	for (unsigned i = 0; i < leash->children; i++) {
		if (loop.children[i].pid != 0) {
			(void)kill(-loop.children[i].pid, SIGKILL);
			(void)waitpid(loop.children[i].pid, NULL, 0);
			forget(&loop.children[i]);
		}
	}
	free(loop.children);
	free(loop.polls);
}
