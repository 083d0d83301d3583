/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syscalls - see syscalls.h. What is not listed is EPERM.
 *
 * Where words have 32 bits, many calls have a second name for wide files, users
 * or times; both stand below. A name that a machine lacks makes no rule.
 */
#include "base/syscalls.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

/* Of a socket, without the flags that come with it. */
enum { SOCKET_TYPES = 0xf };

/* Which of the calls that are one call, socketcall, makes a socket. */
enum { SOCKETCALL_SOCKET = 1 };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* A filter sees arguments in registers, not those that lie in memory. */
#if defined(__s390__)
enum {
	MAP_CALL = SCMP_SYS(mmap),
	CLONE_FLAGS_AT = 1,
	SEEN = SANDBOX_SECCOMP,
};
#elif defined(__i386__)
enum {
	MAP_CALL = SCMP_SYS(mmap2),
	CLONE_FLAGS_AT = 0,
	SEEN = SANDBOX_SECCOMP | SANDBOX_MEMORY,
};
#elif defined(__arm__)
enum {
	MAP_CALL = SCMP_SYS(mmap2),
	CLONE_FLAGS_AT = 0,
	SEEN = SANDBOX_SECCOMP | SANDBOX_MEMORY | SANDBOX_SOCKETS,
};
#else
enum {
	MAP_CALL = SCMP_SYS(mmap),
	CLONE_FLAGS_AT = 0,
	SEEN = SANDBOX_SECCOMP | SANDBOX_MEMORY | SANDBOX_SOCKETS,
};
#endif

enum {
	FOR_ENGINE = 1 << SANDBOX_ENGINE,
	FOR_JUDGE = 1 << SANDBOX_JUDGE,
	FOR_LAUNCHER = 1 << SANDBOX_LAUNCHER,
	FOR_SERVER = 1 << SANDBOX_SERVER,
	FOR_ALL = FOR_ENGINE | FOR_JUDGE | FOR_LAUNCHER | FOR_SERVER,
};

struct call_list {
	unsigned roles;
	const char *const *calls;
};

static const char *const calls_process[] = { "brk", "exit", "exit_group",
	"futex", "futex_waitv", "get_robust_list", "set_robust_list", "rseq",
	"membarrier", "madvise", "munmap", "mremap", "msync", "mincore",
	"mlock", "munlock", "getpid", "getppid", "gettid", "getpgrp", "getpgid",
	"getsid", "getuid", "geteuid", "getgid", "getegid", "getresuid",
	"getresgid", "getgroups", "getcpu", "getrandom", "getrlimit",
	"getrusage", "sched_getaffinity", "sched_getparam",
	"sched_getscheduler", "sched_get_priority_max",
	"sched_get_priority_min", "sched_yield", "set_tid_address",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending",
	"rt_sigsuspend", "rt_sigtimedwait", "sigaltstack", "restart_syscall",
	"arch_prctl", "prctl", "sysinfo", "times", "uname", "umask", "wait4",
	"waitid", "pause", "personality", "futex_time64", "getuid32",
	"geteuid32", "getgid32", "getegid32", "getresuid32", "getresgid32",
	"getgroups32", "ugetrlimit", "sigaction", "sigprocmask", "sigreturn",
	"sigsuspend", "rt_sigtimedwait_time64", "waitpid", "set_thread_area",
	"set_tls", "cacheflush", "riscv_flush_icache", "riscv_hwprobe", NULL };

static const char *const calls_time[] = { "clock_getres", "clock_gettime",
	"clock_nanosleep", "gettimeofday", "nanosleep", "time", "alarm",
	"getitimer", "setitimer", "timerfd_create", "timerfd_settime",
	"timerfd_gettime", "timer_create", "timer_settime", "timer_delete",
	"clock_getres_time64", "clock_gettime64", "clock_nanosleep_time64",
	"timerfd_settime64", "timerfd_gettime64", "timer_settime64", NULL };

static const char *const calls_wait[] = { "poll", "ppoll", "select", "pselect6",
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "signalfd",
	"signalfd4", "_newselect", "ppoll_time64", "pselect6_time64", NULL };

static const char *const calls_file[] = { "access", "faccessat", "faccessat2",
	"chdir", "fchdir", "getcwd", "chmod", "fchmod", "fchmodat", "close",
	"close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
	"fadvise64", "fallocate", "fcntl", "fdatasync", "flock", "fstat",
	"fstatfs", "fsync", "ftruncate", "getdents", "getdents64", "link",
	"linkat", "lseek", "lstat", "memfd_create", "mkdir", "mkdirat",
	"newfstatat", "fstatat64", "open", "openat", "openat2", "pipe", "pipe2",
	"pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2",
	"read", "readahead", "readlink", "readlinkat", "readv", "rename",
	"renameat", "renameat2", "rmdir", "sendfile", "splice", "stat",
	"statfs", "statx", "sync_file_range", "syncfs", "truncate", "unlink",
	"unlinkat", "utimensat", "futimesat", "utime", "utimes", "write",
	"writev", "_llseek", "fcntl64", "fstat64", "lstat64", "stat64",
	"fstatfs64", "statfs64", "ftruncate64", "truncate64", "sendfile64",
	"fadvise64_64", "arm_fadvise64_64", "sync_file_range2",
	"utimensat_time64", NULL };

static const char *const calls_network[] = { "bind", "connect", "getpeername",
	"getsockname", "getsockopt", "recv", "recvfrom", "recvmmsg", "recvmsg",
	"send", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
	"socketpair", "recvmmsg_time64", NULL };

static const char *const calls_listen[] = { "accept", "accept4", "listen",
	"chown", "fchown", "fchownat", "inotify_init1", "inotify_add_watch",
	"inotify_rm_watch", "chown32", "fchown32", NULL };

/* The launcher forks, confines what it forked, and that executes rsync. */
static const char *const calls_launch[] = { "clone", "clone3", "fork", "vfork",
	"execve", "setpgid", "setsid", "setrlimit", "prlimit64",
	"landlock_create_ruleset", "landlock_add_rule",
	"landlock_restrict_self", "mmap", "mmap2", "mprotect", "ioctl",
	"socket", "lchown", "symlink", "symlinkat", "mknod", "mknodat",
	"lgetxattr", "getxattr", "setpriority", "getpriority", "kill", "tgkill",
	"tkill", "lchown32", NULL };

static const struct call_list allowed[] = {
	{ FOR_ALL, calls_process },
	{ FOR_ALL, calls_time },
	{ FOR_ALL, calls_wait },
	{ FOR_ALL, calls_file },
	{ FOR_ALL, calls_network },
	{ FOR_SERVER, calls_listen },
	{ FOR_LAUNCHER, calls_launch },
};

/* Nobody who asks for these does it by mistake: the process ends. */
static const char *const calls_deadly[] = { "ptrace", "process_vm_readv",
	"process_vm_writev", "kexec_load", "kexec_file_load", "bpf",
	"init_module", "finit_module", "delete_module", "reboot", "mount",
	"umount2", "pivot_root", "chroot", "setns", "unshare", "swapon",
	"swapoff", "userfaultfd", "perf_event_open", "keyctl", "add_key",
	"request_key", "iopl", "ioperm", NULL };

/* A call of the list that this machine does not have is no failure. */
static bool
add_list(scmp_filter_ctx filter, uint32_t action, const char *const *calls)
{
	for (; *calls != NULL; calls++) {
		int number = seccomp_syscall_resolve_name(*calls);

		if (number != __NR_SCMP_ERROR &&
		    seccomp_rule_add(filter, action, number, 0) != 0) {
			return false;
		}
	}
	return true;
}

/* A call with its argument `which` under `mask` equal to `value`. */
static bool
add_masked(scmp_filter_ctx filter, int call, unsigned which, uint64_t mask,
    uint64_t value)
{
	struct scmp_arg_cmp test = {
		.arg = which,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = mask,
		.datum_b = value,
	};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &test) ==
	       0;
}

/* Memory is written or executed, never both, and executed only from files. */
static bool
add_memory(scmp_filter_ctx filter)
{
	struct scmp_arg_cmp from_file[] = {
		{ 2, SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_EXEC },
		{ 3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0 },
	};

	if (!add_masked(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0)) {
		return false;
	}
	if ((SEEN & SANDBOX_MEMORY) == 0) {
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, MAP_CALL, 0) ==
		       0;
	}
	return add_masked(filter, MAP_CALL, 2, PROT_EXEC, 0) &&
	       seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, MAP_CALL, 2,
		   from_file) == 0;
}

/* Sockets of this machine are doors to its other services: an engine needs
 * none of them, and a server tells its init system that it is ready, by a
 * datagram. Raw ones see and forge what is not ours, and root would get them.
 */
static bool
add_sockets(scmp_filter_ctx filter, enum sandbox_role role)
{
	static const struct {
		uint64_t family, type;
	} kinds[] = { { AF_INET, SOCK_STREAM }, { AF_INET, SOCK_DGRAM },
		{ AF_INET6, SOCK_STREAM }, { AF_INET6, SOCK_DGRAM },
		{ AF_UNIX, SOCK_DGRAM } };
	size_t count = LENGTH(kinds) - (role == SANDBOX_SERVER ? 0 : 1);
	struct scmp_arg_cmp routes[] = {
		{ 0, SCMP_CMP_EQ, AF_NETLINK, 0 },
		{ 2, SCMP_CMP_EQ, 0, 0 },
	};
	struct scmp_arg_cmp any = { 0, SCMP_CMP_EQ, SOCKETCALL_SOCKET, 0 };
	int call = SCMP_SYS(socket);

	for (size_t i = 0; i < count; i++) {
		struct scmp_arg_cmp kind[] = {
			{ 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, kinds[i].family },
			{ 1, SCMP_CMP_MASKED_EQ, SOCKET_TYPES, kinds[i].type },
		};

		if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 2,
			kind) != 0) {
			return false;
		}
	}
	/* Where the C library puts the kind into memory, any must do. */
	if ((SEEN & SANDBOX_SOCKETS) == 0 &&
	    seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketcall),
		1, &any) != 0) {
		return false;
	}
	/* The resolver looks which families have an address at all. */
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 2,
		   routes) == 0;
}

/* Only to ourselves, as abort() does, and to the one we have to end. */
static bool
add_signals(scmp_filter_ctx filter, pid_t child)
{
	uint64_t own = (uint64_t)getpid();

	return add_masked(filter, SCMP_SYS(tgkill), 0, UINT32_MAX, own) &&
	       add_masked(filter, SCMP_SYS(kill), 0, UINT32_MAX, own) &&
	       (child == 0 || add_masked(filter, SCMP_SYS(kill), 0, UINT32_MAX,
				  (uint64_t)child));
}

/* Limits may be read, our own. */
static bool
add_limits(scmp_filter_ctx filter)
{
	struct scmp_arg_cmp own[] = {
		{ 0, SCMP_CMP_MASKED_EQ, UINT32_MAX, 0 },
		{ 2, SCMP_CMP_EQ, 0, 0 },
	};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
		   SCMP_SYS(prlimit64), 2, own) == 0;
}

/* Threads but no processes; harmless ioctls. */
static bool
add_narrowed(scmp_filter_ctx filter, enum sandbox_role role, pid_t child)
{
	static const uint64_t ioctls[] = { FIONREAD, FIONBIO, FIOCLEX, TCGETS,
		TIOCGWINSZ };

	for (size_t i = 0; i < LENGTH(ioctls); i++) {
		if (!add_masked(filter, SCMP_SYS(ioctl), 1, UINT32_MAX,
			ioctls[i])) {
			return false;
		}
	}
	return add_memory(filter) &&
	       (role == SANDBOX_JUDGE || add_sockets(filter, role)) &&
	       add_signals(filter, child) &&
	       add_masked(filter, SCMP_SYS(clone), CLONE_FLAGS_AT, CLONE_THREAD,
		   CLONE_THREAD) &&
	       add_limits(filter) &&
	       /* Its flags are in memory; the C library then takes clone. */
	       seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
		   SCMP_SYS(clone3), 0) == 0;
}

unsigned
syscalls_enter(enum sandbox_role role, pid_t child)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool good = filter != NULL &&
		    add_list(filter, SCMP_ACT_KILL_PROCESS, calls_deadly);

	for (size_t i = 0; i < LENGTH(allowed) && good; i++) {
		if (allowed[i].roles & 1u << role) {
			good =
			    add_list(filter, SCMP_ACT_ALLOW, allowed[i].calls);
		}
	}
	if (good && role != SANDBOX_LAUNCHER) {
		good = add_narrowed(filter, role, child);
	}
	good = good && seccomp_load(filter) == 0;
	if (filter != NULL) {
		seccomp_release(filter);
	}
	return good ? SEEN : 0;
}
