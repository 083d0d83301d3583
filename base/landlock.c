/* SPDX-License-Identifier: BSD-2-Clause */
/* landlock - see landlock.h. By system call: the header may be older than the
 * kernel. */
#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	CALL_CREATE_RULESET = 444,
	CALL_ADD_RULE = 445,
	CALL_RESTRICT_SELF = 446,
	RULE_PATH = 1,
	RULE_PORT = 2,
};

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_FIRST = (1 << 13) - 1, /* all of the first version */
	FS_REFER = 1 << 13,       /* version 2 */
	FS_TRUNCATE = 1 << 14,    /* version 3 */
	FS_IOCTL = 1 << 15,       /* version 5 */
	FS_OF_FILES =
	    FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL,
	FS_READ = FS_READ_FILE | FS_READ_DIR,
	NET_BIND = 1,
	NET_CONNECT = 2,
	SCOPE_ABSTRACT = 1, /* version 6 */
	SCOPE_SIGNAL = 2,
};

struct ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scope;
};

struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

/* What a role gives up besides files. */
struct wish {
	uint64_t network;
	uint64_t scope;
	bool system; /* reads what a resolver and a loader need */
};

static const struct wish wishes[] = {
	/* The engine ends its launcher by a signal, so it may send them. */
	[SANDBOX_ENGINE] = { NET_BIND, SCOPE_ABSTRACT, true },
	[SANDBOX_JUDGE] = { NET_BIND | NET_CONNECT,
	    SCOPE_ABSTRACT | SCOPE_SIGNAL, true },
	[SANDBOX_LAUNCHER] = { NET_BIND, SCOPE_ABSTRACT | SCOPE_SIGNAL, true },
	[SANDBOX_SERVER] = { NET_CONNECT, SCOPE_SIGNAL, false },
};

static int
landlock_version(void)
{
	return (int)syscall(CALL_CREATE_RULESET, NULL, 0, 1);
}

static uint64_t
files_known(int version)
{
	uint64_t known = FS_FIRST;

	known |= version >= 2 ? FS_REFER : 0;
	known |= version >= 3 ? FS_TRUNCATE : 0;
	known |= version >= 5 ? FS_IOCTL : 0;
	return known;
}

/* A path that is not there needs no rule: it could not be reached anyway. */
static bool
allow_path(int ruleset, const struct sandbox_path *path, uint64_t known)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = FS_READ };
	struct stat st;
	bool done;

	rule.parent_fd = open(path->path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0) {
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
	}
	if (path->write) {
		rule.allowed_access |= known & ~(uint64_t)FS_EXECUTE;
	}
	if (path->execute) {
		rule.allowed_access |= FS_EXECUTE;
	}
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode)) {
		rule.allowed_access &= FS_OF_FILES;
	}
	done = syscall(CALL_ADD_RULE, ruleset, RULE_PATH, &rule, 0) == 0;
	close(rule.parent_fd);
	return done;
}

/*
 * What the resolver, the loader and OpenSSL read, file by file: the folder
 * beside them has secrets that root could read. Links are followed when the
 * rule is made, wherever they lead.
 */
static const char *const system_files[] = { "/etc/resolv.conf", "/etc/hosts",
	"/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
	"/etc/services", "/etc/protocols", "/etc/ld.so.cache",
	"/etc/ld.so.preload", "/etc/localtime", "/etc/alternatives",
	"/etc/crypto-policies", "/etc/ssl/openssl.cnf",
	"/etc/pki/tls/openssl.cnf", "/run/systemd/resolve" };

static bool
allow_system(int ruleset, uint64_t known)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(system_files) / sizeof(system_files[0]);
	     i++) {
		const struct sandbox_path path = { .path = system_files[i] };

		good = allow_path(ruleset, &path, known) && good;
	}
	return good;
}

/* A source address is chosen by binding to it with port 0. */
static bool
allow_port_zero(int ruleset)
{
	struct port_rule rule = { .allowed = NET_BIND };

	return syscall(CALL_ADD_RULE, ruleset, RULE_PORT, &rule, 0) == 0;
}

unsigned
landlock_enter(enum sandbox_role role, const struct sandbox_path *paths,
    size_t count)
{
	const struct wish *wish = &wishes[role];
	int version = landlock_version();
	struct ruleset handled = { 0 };
	size_t size = sizeof(handled.files);
	unsigned bits = 0;
	bool good = true;
	int ruleset;

	if (version < 1) {
		return 0;
	}
	handled.files = files_known(version);
	if (version >= 4) {
		handled.network = wish->network;
		size = 2 * sizeof(uint64_t);
	}
	if (version >= 6) {
		handled.scope = wish->scope;
		size = sizeof(handled);
	}
	ruleset = (int)syscall(CALL_CREATE_RULESET, &handled, size, 0);
	if (ruleset < 0) {
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		good = allow_path(ruleset, &paths[i], handled.files) && good;
	}
	if (wish->system) {
		good = allow_system(ruleset, handled.files) && good;
	}
	if (handled.network & NET_BIND) {
		good = allow_port_zero(ruleset) && good;
	}
	if (good && syscall(CALL_RESTRICT_SELF, ruleset, 0) == 0) {
		bits |= SANDBOX_LANDLOCK_FILES;
		bits |= handled.network != 0 ? SANDBOX_LANDLOCK_NETWORK : 0;
	}
	close(ruleset);
	return bits;
}
