/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sandbox - see sandbox.h.
 *
 * Landlock says which files and ports can be reached, seccomp which system
 * calls exist at all, and resource limits how much of the machine can be used.
 * Sanitizers need calls and memory of their own; under them only Landlock and
 * the plain limits hold.
 */
#include "base/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/landlock.h"
#include "base/syscalls.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static bool
lower(__rlimit_resource_t what, uint64_t most)
{
	struct rlimit limit;

	if (getrlimit(what, &limit) != 0) {
		return false;
	}
	if (limit.rlim_max > most) {
		limit.rlim_max = most;
	}
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(what, &limit) == 0;
}

static unsigned
enter_limits(const struct sandbox *sandbox)
{
	bool good = lower(RLIMIT_CORE, 0);

	if (sandbox->files != 0) {
		good = lower(RLIMIT_NOFILE, sandbox->files) && good;
	}
	if (sandbox->data_octets != 0 && !SANITIZED) {
		good = lower(RLIMIT_DATA, sandbox->data_octets) && good;
	}
	return good ? SANDBOX_LIMITS : 0;
}

unsigned
sandbox_enter(const struct sandbox *sandbox)
{
	unsigned bits = enter_limits(sandbox);

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		return bits; /* without it neither of the others can be had */
	}
	bits |= SANDBOX_NO_NEW_PRIVS;
	if (!SANITIZED) {
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	}
	bits |=
	    landlock_enter(sandbox->role, sandbox->paths, sandbox->path_count);
	if (!SANITIZED) {
		bits |= syscalls_enter(sandbox->role, sandbox->child);
	}
	return bits;
}

unsigned
sandbox_enter_child(const char *dir, const char *program)
{
	const struct sandbox_path paths[] = {
		{ .path = dir, .write = true },
		{ .path = program, .execute = true },
		{ .path = "/usr", .execute = true },
		{ .path = "/lib", .execute = true },
		{ .path = "/lib64", .execute = true },
		{ .path = "/bin", .execute = true },
		{ .path = "/dev/null", .write = true },
		{ .path = "/dev/urandom" },
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		return 0;
	}
	return SANDBOX_NO_NEW_PRIVS | landlock_enter(SANDBOX_LAUNCHER, paths,
					  sizeof(paths) / sizeof(paths[0]));
}
