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
#include "base/uri.h"

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
	char *name;
	const sigset_t *mask;
	char *const *environment;
};

/* What is ours or the engine's: a socket and a pipe. */
struct ends {
	int fd, words;
};

/* Only what is safe between fork and exec. Does not return. */
static void
become_engine(const struct recipe *recipe, struct ends its, pid_t parent)
{
	char *arguments[2] = { recipe->name, NULL };
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0) {
		_exit(SPAWN_NO_EXEC);
	}
	/* 0 and 1 lead nowhere, 2 is for last words, 3 is the socket. */
	if (dup2(its.words, STDERR_FILENO) < 0 ||
	    dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0) {
		_exit(SPAWN_NO_EXEC);
	}
	if (its.fd == SPAWN_FD) {
		fcntl(its.fd, F_SETFD, 0);
	} else if (dup2(its.fd, SPAWN_FD) < 0) {
		_exit(SPAWN_NO_EXEC);
	}
	close_range(SPAWN_FD + 1, ~0U, 0);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, recipe->mask, NULL);
	execve(recipe->path, arguments, recipe->environment);
	_exit(SPAWN_NO_EXEC);
}

/* Above 2, whatever of 0 to 2 was closed before we were started. */
static int
high(int fd)
{
	int above;

	if (fd < 0 || fd > STDERR_FILENO) {
		return fd;
	}
	above = fcntl(fd, F_DUPFD_CLOEXEC, SPAWN_FD);
	close(fd);
	return above;
}

static void
shut(struct ends *ends)
{
	if (ends->fd >= 0) {
		close(ends->fd);
	}
	if (ends->words >= 0) {
		close(ends->words);
	}
}

/* 0 or -errno. */
static int
open_ends(struct ends *ours, struct ends *its)
{
	int sockets[2] = { -1, -1 }, pipes[2] = { -1, -1 };
	int rc = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0 ||
	    pipe2(pipes, O_CLOEXEC) != 0 ||
	    fcntl(pipes[0], F_SETFL, O_NONBLOCK) != 0) {
		rc = -errno;
	}
	*ours = (struct ends){ sockets[0], pipes[0] };
	*its = (struct ends){ high(sockets[1]), high(pipes[1]) };
	if (rc == 0 && (its->fd < 0 || its->words < 0)) {
		rc = -errno;
	}
	if (rc != 0) {
		shut(ours);
		shut(its);
	}
	return rc;
}

int
spawn_engine(struct spawned *child, const char *path, const sigset_t *mask,
    struct arena *arena)
{
	struct recipe recipe = { .path = path,
		.name = arena_text(arena, uri_name(path)),
		.mask = mask,
		.environment = make_environment(arena) };
	pid_t parent = getpid();
	struct ends ours, its;
	int rc;

	if (access(path, X_OK) != 0) {
		return -errno;
	}
	rc = open_ends(&ours, &its);
	if (rc != 0) {
		return rc;
	}
	child->pid = fork();
	if (child->pid == 0) {
		become_engine(&recipe, its, parent);
	}
	rc = child->pid < 0 ? -errno : 0;
	shut(&its);
	if (rc != 0) {
		shut(&ours);
		return rc;
	}
	/* Both sides say so, as neither knows who is first. */
	setpgid(child->pid, child->pid);
	child->fd = ours.fd;
	child->words = ours.words;
	return 0;
}

void
spawn_death(struct octets *out, const char *path, int status, const char *words)
{
	if (WIFSIGNALED(status)) {
		octets_printf(out, "the engine died of signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else if (WEXITSTATUS(status) == SPAWN_NO_EXEC && words[0] == '\0') {
		octets_printf(out, "%s cannot be executed", path);
	} else {
		octets_printf(out, "the engine ended with %d%s",
		    WEXITSTATUS(status),
		    words[0] == '\0' ? " and without a word" : "");
	}
	if (words[0] != '\0') {
		octets_printf(out, ": ");
		text_escape(out, text_bytes(words));
	}
}
