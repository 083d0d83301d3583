/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forbidden things are tried in a child that entered a role. What this kernel
 * (or a sanitizer) does not offer is not expected, and said.
 */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct sockaddr *
loopback(struct sockaddr_in *address, unsigned port)
{
	*address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	return (const struct sockaddr *)address;
}

static int
rc_errno(int rc)
{
	return rc < 0 ? errno : 0;
}

/* --- what is tried: 0 or the errno that came of it */

static int
try_read_outside(const char *dir)
{
	(void)dir;
	return rc_errno(open("/etc/passwd", O_RDONLY));
}

static int
try_list_outside(const char *dir)
{
	(void)dir;
	return rc_errno(open("/", O_RDONLY | O_DIRECTORY));
}

static int
try_write_outside(const char *dir)
{
	char path[64];

	snprintf(path, sizeof(path), "%s.outside", dir);
	return rc_errno(open(path, O_WRONLY | O_CREAT, 0600));
}

static int
try_write_inside(const char *dir)
{
	char from[64], to[64];
	int fd;

	snprintf(from, sizeof(from), "%s/new", dir);
	snprintf(to, sizeof(to), "%s/renamed", dir);
	fd = open(from, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) != 0 ||
	    ftruncate(fd, 100) != 0 || rename(from, to) != 0) {
		return errno;
	}
	if (mmap(NULL, 100, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED) {
		return errno;
	}
	return rc_errno(unlink(to));
}

static int
try_execute(const char *dir)
{
	(void)dir;
	return rc_errno(execl("/bin/true", "true", (char *)NULL));
}

static int
try_fork(const char *dir)
{
	pid_t child = fork();

	(void)dir;
	if (child == 0) {
		_exit(0);
	}
	if (child > 0) {
		waitpid(child, NULL, 0);
	}
	return rc_errno(child);
}

static void *
do_nothing(void *arg)
{
	return arg;
}

static int
try_thread(const char *dir)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, do_nothing, NULL);

	(void)dir;
	return rc == 0 ? pthread_join(thread, NULL) : rc;
}

static int
try_memory(const char *dir)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)dir;
	if (p == MAP_FAILED || munmap(p, 4096) != 0) {
		return errno;
	}
	for (size_t size = 1; size < 100000000; size *= 3) {
		char *block = malloc(size);

		if (block == NULL) {
			return ENOMEM;
		}
		memset(block, 1, size);
		free(block);
	}
	return 0;
}

static int
try_execute_memory(const char *dir)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)dir;
	return p == MAP_FAILED ? errno : 0;
}

static int
try_turn_executable(const char *dir)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)dir;
	return rc_errno(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int
try_bind(const char *dir)
{
	struct sockaddr_in address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)dir;
	if (fd < 0) {
		return errno;
	}
	/* A port that is in use (EADDRINUSE) was still allowed. */
	if (bind(fd, loopback(&address, 54873), sizeof(address)) != 0) {
		return errno == EADDRINUSE ? 0 : errno;
	}
	return 0;
}

static int
try_listen(const char *dir)
{
	struct sockaddr_in address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)dir;
	if (fd < 0 || bind(fd, loopback(&address, 0), sizeof(address)) != 0) {
		return errno;
	}
	return rc_errno(listen(fd, 1));
}

/* Nobody listens there: refused by the peer, if we were let out at all. */
static int
try_connect(const char *dir)
{
	struct sockaddr_in address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)dir;
	if (fd < 0) {
		return errno;
	}
	if (connect(fd, loopback(&address, 1), sizeof(address)) != 0) {
		return errno == ECONNREFUSED ? 0 : errno;
	}
	return 0;
}

static int
try_raw_socket(const char *dir)
{
	(void)dir;
	return rc_errno(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static int
try_limits_of_parent(const char *dir)
{
	struct rlimit limit;

	(void)dir;
	return rc_errno(prlimit(getppid(), RLIMIT_CORE, NULL, &limit));
}

static int
try_packet_socket(const char *dir)
{
	(void)dir;
	return rc_errno(socket(AF_PACKET, SOCK_RAW, 0));
}

static int
try_algorithm_socket(const char *dir)
{
	(void)dir;
	return rc_errno(socket(AF_ALG, SOCK_SEQPACKET, 0));
}

static int
try_terminal(const char *dir)
{
	char c = 'x';

	(void)dir;
	return rc_errno(ioctl(0, 0x5412 /* TIOCSTI */, &c));
}

static int
try_ptrace(const char *dir)
{
	(void)dir;
	return rc_errno((int)ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int
try_bpf(const char *dir)
{
	(void)dir;
	return rc_errno((int)syscall(SYS_bpf, 0, NULL, 0));
}

static int
try_unshare(const char *dir)
{
	(void)dir;
	return rc_errno((int)syscall(SYS_unshare, 0x10000000));
}

static int
try_setuid(const char *dir)
{
	(void)dir;
	return rc_errno((int)syscall(SYS_setuid, 65534));
}

/* Whoever may listen there: were we let out, nobody would. */
static int
try_local_socket(const char *dir)
{
	(void)dir;
	return rc_errno(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
try_netfilter(const char *dir)
{
	(void)dir;
	return rc_errno(socket(AF_NETLINK, SOCK_RAW, 12));
}

static int
try_passwords(const char *dir)
{
	(void)dir;
	return rc_errno(open("/etc/shadow", O_RDONLY));
}

/* Nothing is sent, but permission is looked at all the same. */
static int
try_signal_parent(const char *dir)
{
	(void)dir;
	return rc_errno(kill(getppid(), 0));
}

static int
try_signal_all(const char *dir)
{
	(void)dir;
	return rc_errno(kill(-1, 0));
}

static int
try_signal_self(const char *dir)
{
	(void)dir;
	return rc_errno(kill(getpid(), 0)) != 0 ? errno : raise(0);
}

static int
try_mount(const char *dir)
{
	(void)dir;
	return rc_errno((int)syscall(SYS_mount, "none", "/", "tmpfs", 0, 0));
}

static int
try_look_into(const char *dir)
{
	(void)dir;
	return rc_errno(
	    (int)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
}

static int
try_module(const char *dir)
{
	(void)dir;
	return rc_errno((int)syscall(SYS_init_module, NULL, 0, ""));
}

static int
try_pidfd(const char *dir)
{
	(void)dir;
	return rc_errno((int)syscall(SYS_pidfd_open, getppid(), 0));
}

static int
try_ring(const char *dir)
{
	(void)dir;
	return rc_errno((int)syscall(SYS_io_uring_setup, 1, NULL));
}

static int
try_raise_limit(const char *dir)
{
	struct rlimit limit = { 100, 100 };

	(void)dir;
	return rc_errno(setrlimit(RLIMIT_FSIZE, &limit));
}

static int
try_limits(const char *dir)
{
	struct rlimit limit;

	(void)dir;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur != 64 ||
	    getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur != 0) {
		return ERANGE;
	}
	return 0;
}

enum {
	ENGINE = 1 << SANDBOX_ENGINE,
	JUDGE = 1 << SANDBOX_JUDGE,
	LAUNCHER = 1 << SANDBOX_LAUNCHER,
	SERVER = 1 << SANDBOX_SERVER,
	CONFINED = ENGINE | JUDGE | SERVER,
	EVERYONE = ENGINE | JUDGE | LAUNCHER | SERVER,
	KILLED = -1
};

static const struct attempt {
	const char *what;
	int (*act)(const char *dir);
	unsigned roles;  /* in which this comes of it */
	unsigned layer;  /* and which layer must hold for that; 0: none */
	int expected;    /* 0, an errno, or KILLED */
	unsigned not_by; /* in these roles it works instead */
} attempts[] = {
	{ "write inside", try_write_inside, EVERYONE, 0, 0, 0 },
	{ "a thread", try_thread, CONFINED, 0, 0, 0 },
	{ "memory", try_memory, EVERYONE, 0, 0, 0 },
	{ "limits", try_limits, EVERYONE, SANDBOX_LIMITS, 0, 0 },
	{ "read outside", try_read_outside, EVERYONE, SANDBOX_LANDLOCK_FILES,
	    EACCES, 0 },
	{ "list outside", try_list_outside, EVERYONE, SANDBOX_LANDLOCK_FILES,
	    EACCES, 0 },
	{ "write outside", try_write_outside, EVERYONE, SANDBOX_LANDLOCK_FILES,
	    EACCES, 0 },
	{ "execute", try_execute, CONFINED, SANDBOX_SECCOMP, EPERM, 0 },
	{ "execute what is not ours", try_execute, LAUNCHER,
	    SANDBOX_LANDLOCK_FILES, EACCES, 0 },
	{ "fork", try_fork, CONFINED, SANDBOX_SECCOMP, EPERM, LAUNCHER },
	{ "executable memory", try_execute_memory, CONFINED, SANDBOX_MEMORY,
	    EPERM, 0 },
	{ "memory turned executable", try_turn_executable, CONFINED,
	    SANDBOX_SECCOMP, EPERM, 0 },
	{ "bind", try_bind, ENGINE | LAUNCHER, SANDBOX_LANDLOCK_NETWORK, EACCES,
	    SERVER },
	{ "listen", try_listen, ENGINE | LAUNCHER, SANDBOX_SECCOMP, EPERM,
	    SERVER },
	{ "connect", try_connect, SERVER, SANDBOX_LANDLOCK_NETWORK, EACCES,
	    ENGINE | LAUNCHER },
	{ "connect at all", try_connect, JUDGE, SANDBOX_SECCOMP, EPERM, 0 },
	{ "bind at all", try_bind, JUDGE, SANDBOX_SECCOMP, EPERM, 0 },
	{ "packet socket", try_packet_socket, CONFINED, SANDBOX_SOCKETS, EPERM,
	    0 },
	{ "raw socket", try_raw_socket, CONFINED, SANDBOX_SOCKETS, EPERM, 0 },
	{ "the limits of the parent", try_limits_of_parent, CONFINED,
	    SANDBOX_SECCOMP, EPERM, 0 },
	{ "algorithm socket", try_algorithm_socket, CONFINED, SANDBOX_SOCKETS,
	    EPERM, 0 },
	{ "terminal", try_terminal, CONFINED, SANDBOX_SECCOMP, EPERM, 0 },
	{ "raise a limit", try_raise_limit, CONFINED, SANDBOX_SECCOMP, EPERM,
	    0 },
	{ "become another user", try_setuid, EVERYONE, SANDBOX_SECCOMP, EPERM,
	    0 },
	{ "ptrace", try_ptrace, EVERYONE, SANDBOX_SECCOMP, KILLED, 0 },
	{ "bpf", try_bpf, EVERYONE, SANDBOX_SECCOMP, KILLED, 0 },
	{ "unshare", try_unshare, EVERYONE, SANDBOX_SECCOMP, KILLED, 0 },
	{ "mount", try_mount, EVERYONE, SANDBOX_SECCOMP, KILLED, 0 },
	{ "look into others", try_look_into, EVERYONE, SANDBOX_SECCOMP, KILLED,
	    0 },
	{ "load a module", try_module, EVERYONE, SANDBOX_SECCOMP, KILLED, 0 },
	{ "get hold of others", try_pidfd, EVERYONE, SANDBOX_SECCOMP, EPERM,
	    0 },
	{ "a ring of calls", try_ring, EVERYONE, SANDBOX_SECCOMP, EPERM, 0 },
	{ "read passwords", try_passwords, EVERYONE, SANDBOX_LANDLOCK_FILES,
	    EACCES, 0 },
	{ "a socket of this machine", try_local_socket, CONFINED,
	    SANDBOX_SOCKETS, EPERM, 0 },
	{ "netfilter", try_netfilter, CONFINED, SANDBOX_SOCKETS, EPERM, 0 },
	{ "a signal to the parent", try_signal_parent, CONFINED,
	    SANDBOX_SECCOMP, EPERM, 0 },
	{ "a signal to all", try_signal_all, CONFINED, SANDBOX_SECCOMP, EPERM,
	    0 },
	{ "a signal to itself", try_signal_self, EVERYONE, 0, 0, 0 },
};

enum { MISSING = 254, NO_EXEC = 255 };

/* In a child: enter, act, and leave the errno as the exit status. */
static int
outcome(const struct attempt *attempt, enum sandbox_role role, unsigned layer,
    const char *dir)
{
	const struct sandbox_path paths[] = {
		{ .path = dir, .write = true },
		{ .path = "/no/such/path", .write = true },
	};
	const struct sandbox sandbox = { .role = role,
		.paths = paths,
		.path_count = 2,
		.files = 64 };
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		unsigned bits = sandbox_enter(&sandbox);

		_exit((bits & layer) != layer ? MISSING : attempt->act(dir));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status)) {
		return WTERMSIG(status) == SIGSYS ? KILLED : NO_EXEC;
	}
	return WEXITSTATUS(status);
}

static void
check_role(enum sandbox_role role)
{
	char dir[] = "/tmp/kedge-sandbox.XXXXXX";

	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const struct attempt *a = &attempts[i];
		bool works = (a->not_by & 1u << role) != 0;
		int came;

		if (!works && (a->roles & 1u << role) == 0) {
			continue;
		}
		came = outcome(a, role, works ? 0 : a->layer, dir);
		if (came == MISSING) {
			print_message("%s: not held here\n", a->what);
			continue;
		}
		print_message("%s: %d\n", a->what, came);
		assert_int_equal(came, works ? 0 : a->expected);
	}
	rmdir(dir);
}

static void
test_engine(void **state)
{
	(void)state;
	check_role(SANDBOX_ENGINE);
}

static void
test_judge(void **state)
{
	(void)state;
	check_role(SANDBOX_JUDGE);
}

static void
test_launcher(void **state)
{
	(void)state;
	check_role(SANDBOX_LAUNCHER);
}

static void
test_server(void **state)
{
	(void)state;
	check_role(SANDBOX_SERVER);
}

static int
run_shell(const char *script, const char *dir)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		unsigned bits = sandbox_enter_child(dir, "/bin/sh");

		if ((bits & SANDBOX_LANDLOCK_FILES) == 0) {
			_exit(MISSING);
		}
		execl("/bin/sh", "sh", "-c", script, "sh", dir, (char *)NULL);
		_exit(NO_EXEC);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : NO_EXEC;
}

static void
test_child(void **state)
{
	char dir[] = "/tmp/kedge-sandbox.XXXXXX", path[64];
	int rc;

	(void)state;
	assert_non_null(mkdtemp(dir));
	rc = run_shell("echo x >\"$1/in\" && mkdir \"$1/d\" && rmdir \"$1/d\""
		       " && : </etc/ld.so.cache >/dev/null",
	    dir);
	if (rc == MISSING) {
		/* cmocka's skip() counts as failed in TAP. */
		print_message("no Landlock here\n");
		rmdir(dir);
		return;
	}
	assert_int_equal(rc, 0);
	rc = run_shell("(: >\"$1.out\") 2>/dev/null && exit 9; exit 0", dir);
	assert_int_equal(rc, 0);
	rc = run_shell("(: </etc/passwd) 2>/dev/null && exit 9; exit 0", dir);
	assert_int_equal(rc, 0);
	rc = run_shell("(: </proc/1/stat) 2>/dev/null && exit 9; exit 0", dir);
	assert_int_equal(rc, 0);
	snprintf(path, sizeof(path), "%s.out", dir);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/in", dir);
	assert_int_equal(unlink(path), 0);
	rmdir(dir);
}

/* Memory beyond RLIMIT_DATA is refused; in a child, as it cannot be undone. */
static void
test_data_limit(void **state)
{
	const struct sandbox sandbox = { .role = SANDBOX_ENGINE,
		.data_octets = 64 << 20 };
	pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		unsigned bits = sandbox_enter(&sandbox);
		void *volatile small = malloc(8 << 20);
		void *volatile large = malloc(200 << 20);

		if ((bits & SANDBOX_SECCOMP) == 0) {
			_exit(MISSING); /* a sanitizer needs its memory */
		}
		_exit(small != NULL && large == NULL ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == MISSING) {
		print_message("not held here\n");
		return;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_launcher),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_child),
		cmocka_unit_test(test_data_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
