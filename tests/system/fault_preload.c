/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault_preload - a machine that fails: KEDGE_FAULT=CALL:N:ERRNO makes the N-th
 * call of that name fail, and KEDGE_FAULT=CALL:N:ERRNO+ all from there on.
 * KEDGE_TELL=CALL says a line for each such call instead.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_long calls;

/* Is this the call that fails? Then errno is set. */
static bool
fails(const char *call)
{
	const char *what = getenv("KEDGE_FAULT");
	const char *tell = getenv("KEDGE_TELL");
	size_t len = strlen(call);
	char *end;
	long at, now, error;

	if (tell != NULL && strcmp(tell, call) == 0) {
		(void)dprintf(2, "%s\n", call);
	}
	if (what == NULL || strncmp(what, call, len) != 0 || what[len] != ':') {
		return false;
	}
	at = strtol(what + len + 1, &end, 10);
	error = strtol(end + 1, &end, 10);
	now = atomic_fetch_add(&calls, 1) + 1;
	if (now == at || (*end == '+' && now > at)) {
		errno = (int)error;
		return true;
	}
	return false;
}

void *
malloc(size_t size)
{
	return fails("malloc") ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails("malloc") ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails("malloc") ? NULL : __libc_realloc(old, size);
}

#define NEXT(name) (*(__typeof__(&(name)) *)next(#name, &(void *){ NULL }))

static void *
next(const char *name, void **at)
{
	*at = dlsym(RTLD_NEXT, name);
	return at;
}

int
open(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
	va_end(more);
	return fails("open") ? -1 : NEXT(open)(path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
	va_end(more);
	return fails("open") ? -1 : NEXT(openat)(dir, path, flags, mode);
}

ssize_t
write(int fd, const void *at, size_t len)
{
	return fails("write") ? -1 : NEXT(write)(fd, at, len);
}

ssize_t
pwrite(int fd, const void *at, size_t len, off_t where)
{
	return fails("write") ? -1 : NEXT(pwrite)(fd, at, len, where);
}

ssize_t
pwritev(int fd, const struct iovec *parts, int count, off_t where)
{
	return fails("write") ? -1 : NEXT(pwritev)(fd, parts, count, where);
}

int
fsync(int fd)
{
	return fails("sync") ? -1 : NEXT(fsync)(fd);
}

int
fdatasync(int fd)
{
	return fails("sync") ? -1 : NEXT(fdatasync)(fd);
}

int
rename(const char *from, const char *to)
{
	return fails("rename") ? -1 : NEXT(rename)(from, to);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return fails("rename") ? -1
			       : NEXT(renameat)(from_dir, from, to_dir, to);
}

/* The same under the names that large files have. */
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int dir, const char *path, int flags, ...)
    __attribute__((alias("openat")));
ssize_t pwrite64(int fd, const void *at, size_t len, off_t where)
    __attribute__((alias("pwrite")));
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t where)
    __attribute__((alias("pwritev")));
