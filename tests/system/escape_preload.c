/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * escape_preload - LD_PRELOADed into a program that has confined itself: tries
 * what it must not be able to do, from where it deals with strangers.
 *
 * Judging threads come by when they read the store, fetching threads at
 * curl_multi_perform(), the server where it accepts. Each thing is tried once
 * in each of these places and told in a file that was opened at the start
 * (KEDGE_ESCAPE_LOG): "PLACE THING ERRNO", 0 for what went through.
 * KEDGE_ESCAPE names one thing alone, for those that end the process;
 * KEDGE_ESCAPE_DIR is a folder that nobody was given.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static char outside[300], beside[300], local[300];
static int told = -1;

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("KEDGE_ESCAPE_LOG");

	if (path != NULL) {
		told =
		    open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	}
}

static long
try_exec(void)
{
	char *argv[] = { "true", NULL };

	return execve("/bin/true", argv, NULL);
}

static long
try_exec_copy(void)
{
	char *argv[] = { "copy", NULL }, *none[] = { NULL };
	int fd = (int)syscall(SYS_memfd_create, "copy", 0);

	if (write(fd, "#!/bin/true\n", 12) != 12) {
		return -1;
	}
	return syscall(SYS_execveat, fd, "", argv, none, AT_EMPTY_PATH);
}

static long
try_fork(void)
{
	long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (child == 0) {
		_exit(0);
	}
	return child;
}

static long
try_read_outside(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static long
try_read_shadow(void)
{
	return open("/etc/shadow", O_RDONLY);
}

static long
try_list_root(void)
{
	return open("/", O_RDONLY | O_DIRECTORY);
}

static long
try_write_outside(void)
{
	return open(outside, O_WRONLY | O_CREAT, 0600);
}

static long
try_truncate_outside(void)
{
	return open(beside, O_WRONLY | O_TRUNC);
}

static long
try_remove_outside(void)
{
	return unlink(beside);
}

static long
try_rename_outside(void)
{
	return rename(beside, outside);
}

static long
try_link_outside(void)
{
	return link(beside, outside);
}

static long
try_symlink_outside(void)
{
	return symlink("/etc/passwd", outside);
}

static long
try_device(void)
{
	return mknod(outside, S_IFCHR | 0600, 0x103);
}

static long
try_owner(void)
{
	return chown(beside, 1, 1);
}

static long
try_setuid(void)
{
	return syscall(SYS_setuid, 1);
}

static long
try_memory_of_parent(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)getppid());
	return open(path, O_RDWR);
}

static long
try_environment_of_parent(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)getppid());
	return open(path, O_RDONLY);
}

static long
try_signal_parent(void)
{
	return kill(getppid(), 0);
}

static long
try_signal_first(void)
{
	return kill(1, 0);
}

static long
try_handle_of_parent(void)
{
	return syscall(SYS_pidfd_open, getppid(), 0);
}

static long
try_limits_of_parent(void)
{
	struct rlimit limit;

	return prlimit(getppid(), RLIMIT_CORE, NULL, &limit);
}

static long
try_raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static long
try_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static long
try_netfilter(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
}

static long
try_virtual_socket(void)
{
	return socket(AF_VSOCK, SOCK_STREAM, 0);
}

static long
try_local_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, local, sizeof(address.sun_path) - 1);
	return fd < 0
		   ? -1
		   : connect(fd, (struct sockaddr *)&address, sizeof(address));
}

static long
try_listen(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? -1 : listen(fd, 1);
}

static long
try_connect(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0
		   ? -1
		   : connect(fd, (struct sockaddr *)&address, sizeof(address));
}

static long
try_run_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static long
try_turn_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static long
try_ring(void)
{
	char params[256] = { 0 };

	return syscall(SYS_io_uring_setup, 4, params);
}

static long
try_terminal(void)
{
	char c = 'x';

	return ioctl(0, 0x5412 /* TIOCSTI */, &c);
}

/* --- these end the process */

static long
try_ptrace(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static long
try_read_parent(void)
{
	char octet;
	struct iovec here = { &octet, 1 }, there = { outside, 1 };

	return process_vm_readv(getppid(), &here, 1, &there, 1, 0);
}

static long
try_mount(void)
{
	return mount("none", "/mnt", "tmpfs", 0, NULL);
}

static long
try_unshare(void)
{
	return syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */);
}

static long
try_chroot(void)
{
	return syscall(SYS_chroot, "/");
}

static long
try_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static long
try_module(void)
{
	return syscall(SYS_init_module, NULL, 0, "");
}

static long
try_keys(void)
{
	return syscall(SYS_keyctl, 0, 0, 0, 0, 0);
}

enum where { ENGINE = 1, SERVER = 2, DEADLY = 4, ALONE = 8, BOTH = 3 };

static const struct {
	const char *name;
	long (*attempt)(void);
	int where;
} things[] = {
	{ "exec", try_exec, BOTH },
	{ "exec-copy", try_exec_copy, BOTH },
	{ "fork", try_fork, BOTH },
	{ "read-outside", try_read_outside, BOTH },
	{ "read-shadow", try_read_shadow, BOTH },
	{ "list-root", try_list_root, BOTH },
	{ "write-outside", try_write_outside, BOTH },
	{ "truncate-outside", try_truncate_outside, BOTH },
	{ "remove-outside", try_remove_outside, BOTH },
	{ "rename-outside", try_rename_outside, BOTH },
	{ "link-outside", try_link_outside, BOTH },
	{ "symlink-outside", try_symlink_outside, BOTH },
	{ "device", try_device, BOTH },
	{ "owner", try_owner, ENGINE },
	{ "setuid", try_setuid, BOTH },
	{ "memory-of-parent", try_memory_of_parent, BOTH },
	{ "environment-of-parent", try_environment_of_parent, BOTH },
	{ "signal-parent", try_signal_parent, BOTH },
	{ "signal-first", try_signal_first, BOTH },
	{ "handle-of-parent", try_handle_of_parent, BOTH },
	{ "limits-of-parent", try_limits_of_parent, BOTH },
	{ "raw-socket", try_raw_socket, BOTH },
	{ "packet-socket", try_packet_socket, BOTH },
	{ "netfilter", try_netfilter, BOTH },
	{ "virtual-socket", try_virtual_socket, BOTH },
	{ "local-socket", try_local_socket, BOTH },
	{ "listen", try_listen, ENGINE },
	{ "connect", try_connect, SERVER | ALONE },
	{ "run-memory", try_run_memory, BOTH },
	{ "turn-executable", try_turn_executable, BOTH },
	{ "ring", try_ring, BOTH },
	{ "terminal", try_terminal, BOTH },
	{ "ptrace", try_ptrace, BOTH | DEADLY },
	{ "read-parent", try_read_parent, BOTH | DEADLY },
	{ "mount", try_mount, BOTH | DEADLY },
	{ "unshare", try_unshare, BOTH | DEADLY },
	{ "chroot", try_chroot, BOTH | DEADLY },
	{ "bpf", try_bpf, BOTH | DEADLY },
	{ "module", try_module, BOTH | DEADLY },
	{ "keys", try_keys, BOTH | DEADLY },
};

static void
look(const char *place, int where)
{
	const char *one = getenv("KEDGE_ESCAPE");
	const char *dir = getenv("KEDGE_ESCAPE_DIR");

	if (dir == NULL) {
		return;
	}
	snprintf(outside, sizeof(outside), "%s/new", dir);
	snprintf(beside, sizeof(beside), "%s/there", dir);
	snprintf(local, sizeof(local), "%s/socket", dir);
	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		char line[128];
		int n;

		if ((things[i].where & where) == 0 ||
		    (one == NULL ? (things[i].where & DEADLY) != 0
				 : strcmp(one, things[i].name) != 0)) {
			continue;
		}
		errno = 0;
		n = things[i].attempt() < 0 ? errno : 0;
		n = snprintf(line, sizeof(line), "%s %s %d\n", place,
		    things[i].name, n);
		(void)!write(told, line, (size_t)n);
	}
}

static atomic_int judged, fetched, served;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Libraries are not linked here: of their functions only the names matter. */
int mdb_get(void *a, unsigned b, void *c, void *d);
int mdb_cursor_get(void *a, void *b, void *c, int d);
int curl_multi_perform(void *a, int *b);

static void
judge(void)
{
	const char *program = program_invocation_short_name;
	char name[16] = "";

	(void)prctl(PR_GET_NAME, name);
	if (strcmp(name, "judge") == 0 && atomic_fetch_add(&judged, 1) == 0) {
		look("judge", strcmp(program, "kedge-judge") == 0
				  ? ENGINE | ALONE
				  : ENGINE);
	}
}

int
mdb_get(void *a, unsigned b, void *c, void *d)
{
	judge();
	return NEXT(mdb_get)(a, b, c, d);
}

int
mdb_cursor_get(void *a, void *b, void *c, int d)
{
	judge();
	return NEXT(mdb_cursor_get)(a, b, c, d);
}

int
curl_multi_perform(void *a, int *b)
{
	if (atomic_fetch_add(&fetched, 1) == 0) {
		look("fetch", ENGINE);
	}
	return NEXT(curl_multi_perform)(a, b);
}

int
accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
	if (atomic_fetch_add(&served, 1) == 0) {
		look("serve", SERVER);
	}
	return NEXT(accept4)(fd, address, len, flags);
}
