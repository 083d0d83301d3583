/* SPDX-License-Identifier: BSD-2-Clause */
/* launcher - see launcher.h. */
#include "fetch/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/sandbox.h"
#include "fetch/leash.h"
#include "fetch/order.h"

enum { STOP_MS = 5000 };

struct launcher {
	pid_t pid;
	int orders;
};

static bool
executable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, X_OK) == 0;
}

/* The first of that name in `folders`, which is written as PATH is. */
static char *
look_up(const char *name, const char *folders)
{
	char path[PATH_MAX];

	while (folders != NULL && *folders != '\0') {
		size_t len = strcspn(folders, ":");
		int n = snprintf(path, sizeof(path), "%.*s/%s", (int)len,
		    folders, name);

		if (folders[0] == '/' && n > 0 && (size_t)n < sizeof(path) &&
		    executable(path)) {
			return realpath(path, NULL);
		}
		folders += len + (folders[len] == ':');
	}
	return NULL;
}

static char *
resolve(const char *program)
{
	if (strchr(program, '/') == NULL) {
		return look_up(program, getenv("PATH"));
	}
	return executable(program) ? realpath(program, NULL) : NULL;
}

static void
confine(const struct leash *leash)
{
	const struct sandbox_path paths[] = {
		{ leash->below, .write = true },
		{ leash->program, .execute = true },
		{ "/usr", .execute = true },
		{ "/lib", .execute = true },
		{ "/lib64", .execute = true },
		{ "/bin", .execute = true },
		{ "/dev/null", .write = true },
	};
	const struct sandbox sandbox = {
		.role = SANDBOX_LAUNCHER,
		.paths = paths,
		.path_count = sizeof(paths) / sizeof(paths[0]),
	};

	(void)sandbox_enter(&sandbox);
}

/*
 * In the new process. Nothing of the engine's but the socket and stderr stays;
 * a terminal's signals are the engine's to answer.
 */
static _Noreturn void
serve(const struct leash *leash, int socket, pid_t engine)
{
	struct leash own = *leash;
	int null;

	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)prctl(PR_SET_NAME, "kedge-launcher");
	if (getppid() != engine) {
		_exit(0);
	}
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0) {
		_exit(1);
	}
	if (socket != 3 && dup2(socket, 3) != 3) {
		_exit(1);
	}
	(void)fcntl(3, F_SETFD, FD_CLOEXEC);
	(void)close_range(4, ~0U, 0);
	own.orders = 3;
	confine(&own);
	leash_run(&own);
	_exit(0);
}

int
launcher_start(struct launcher **out, const struct launcher_config *config)
{
	struct leash leash = { .children = config->children };
	struct launcher *launcher = NULL;
	char *program = resolve(config->program);
	char *below = realpath(config->rsync_dir, NULL);
	pid_t engine = getpid();
	int ends[2] = { -1, -1 };
	int rc = program == NULL || below == NULL ? -ENOENT : 0;

	if (rc == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		rc = -errno;
	}
	if (rc == 0) {
		leash.program = program;
		leash.below = below;
		launcher = mem_zero(1, sizeof(*launcher));
		launcher->orders = ends[0];
		launcher->pid = fork();
		if (launcher->pid == 0) {
			free(launcher);
			close(ends[0]);
			serve(&leash, ends[1], engine);
		}
		rc = launcher->pid < 0 ? -errno : 0;
	}
	if (ends[1] >= 0) {
		close(ends[1]);
	}
	if (rc == 0) {
		*out = launcher;
	} else {
		if (ends[0] >= 0) {
			close(ends[0]);
		}
		free(launcher);
	}
	free(program);
	free(below);
	return rc;
}

void
launcher_end(struct launcher *launcher)
{
	int64_t until = clock_mono_ms() + STOP_MS;

	if (launcher == NULL) {
		return;
	}
	(void)shutdown(launcher->orders, SHUT_RDWR);
	while (waitpid(launcher->pid, NULL, WNOHANG) == 0) {
		if (clock_mono_ms() > until) {
			(void)kill(launcher->pid, SIGKILL);
			(void)waitpid(launcher->pid, NULL, 0);
			break;
		}
		clock_sleep_ms(5);
	}
}

void
launcher_stop(struct launcher *launcher)
{
	if (launcher == NULL) {
		return;
	}
	launcher_end(launcher);
	close(launcher->orders);
	free(launcher);
}

pid_t
launcher_pid(const struct launcher *launcher)
{
	return launcher == NULL ? 0 : launcher->pid;
}

static int
send_order(int to, struct bytes message, int pass)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	uint8_t *at = mem_copy(message.at, message.len);
	struct iovec iov = { .iov_base = at, .iov_len = message.len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *first = CMSG_FIRSTHDR(&msg);
	ssize_t n;

	first->cmsg_level = SOL_SOCKET;
	first->cmsg_type = SCM_RIGHTS;
	first->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(first), &pass, sizeof(int));
	do {
		n = sendmsg(to, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	free(at);
	return n < 0 ? -errno : 0;
}

static int
await_answer(int from, struct launcher_answer *answer)
{
	uint8_t message[ORDER_ANSWER];
	ssize_t n;

	do {
		n = recv(from, message, sizeof(message), 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		return -errno;
	}
	/* An end without an answer: the launcher is gone. */
	return order_read_answer(answer, bytes_of(message, (size_t)n)) ? 0
								       : -EPIPE;
}

int
launcher_run(struct launcher *launcher, const struct launcher_order *order,
    struct launcher_answer *answer)
{
	struct octets message = { 0 };
	int ends[2];
	int rc;

	*answer = (struct launcher_answer){ .exit_code = -1 };
	order_write(&message, order);
	if (message.len > ORDER_MOST) {
		octets_clear(&message);
		return -E2BIG;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		octets_clear(&message);
		return -errno;
	}
	rc = send_order(launcher->orders, octets_bytes(&message), ends[1]);
	close(ends[1]);
	if (rc == 0) {
		rc = await_answer(ends[0], answer);
	}
	close(ends[0]);
	octets_clear(&message);
	return rc;
}
