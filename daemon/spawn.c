/* SPDX-License-Identifier: BSD-2-Clause */
/* spawn - see spawn.h. */
#include "daemon/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

/* What an engine may know of our environment. */
static const char *const kept[] = { "PATH", "TZ", "TMPDIR", "http_proxy",
	"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
	"NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "RSYNC_PROXY",
	"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS",
	"KEDGE_INJECT" };

enum { KEPT = sizeof(kept) / sizeof(kept[0]) };

static char **
make_environment(struct arena *arena)
{
	char **all = arena_zero(arena, KEPT + 2, sizeof(*all));
	struct octets line = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < KEPT; i++) {
		const char *value = getenv(kept[i]);

		if (value != NULL) {
			octets_reset(&line);
			octets_printf(&line, "%s=%s", kept[i], value);
			all[n++] = text_copy(arena, octets_bytes(&line));
		}
	}
	all[n] = text_copy(arena, text_bytes("LC_ALL=C"));
	octets_clear(&line);
	return all;
}

struct recipe {
	const char *path;
	const sigset_t *mask;
	char *const *environment;
};

/* Only what is safe between fork and exec. Does not return. */
static void
become_engine(const struct recipe *recipe, int fd, pid_t parent)
{
	char *arguments[2] = { NULL, NULL };
	char name[] = "kedge-engine";
	int null = open("/dev/null", O_RDWR);

	arguments[0] = name;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0) {
		_exit(SPAWN_NO_EXEC);
	}
	/* 0 and 1 lead nowhere, 2 is kept for last words, 3 is the socket. */
	if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0) {
		_exit(SPAWN_NO_EXEC);
	}
	if (fd == SPAWN_FD) {
		fcntl(fd, F_SETFD, 0);
	} else if (dup2(fd, SPAWN_FD) < 0) {
		_exit(SPAWN_NO_EXEC);
	}
	close_range(SPAWN_FD + 1, ~0U, 0);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, recipe->mask, NULL);
	execve(recipe->path, arguments, recipe->environment);
	_exit(SPAWN_NO_EXEC);
}

int
spawn_engine(struct spawned *child, const char *path, const sigset_t *mask,
    struct arena *arena)
{
	struct recipe recipe = { .path = path,
		.mask = mask,
		.environment = make_environment(arena) };
	pid_t parent = getpid();
	int pair[2];

	if (access(path, X_OK) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		return -errno;
	}
	child->pid = fork();
	if (child->pid == 0) {
		become_engine(&recipe, pair[1], parent);
	}
	close(pair[1]);
	if (child->pid < 0) {
		close(pair[0]);
		return -errno;
	}
	/* Both sides say so, as neither knows who is first. */
	setpgid(child->pid, child->pid);
	child->fd = pair[0];
	return 0;
}

void
spawn_death(struct octets *out, const char *path, int status)
{
	if (WIFSIGNALED(status)) {
		octets_printf(out, "the engine died of signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else if (WEXITSTATUS(status) == SPAWN_NO_EXEC) {
		octets_printf(out, "%s cannot be executed", path);
	} else {
		octets_printf(out,
		    "the engine ended with %d and without a word",
		    WEXITSTATUS(status));
	}
}
