/* SPDX-License-Identifier: BSD-2-Clause */
/* file - see file.h. */
#include "output/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
	TRIES = 100,
	NAME_MOST = 200, /* octets of the name that the one aside repeats */
	RANDOM_DIGITS = 16,
	HASTY_MS = 3000,
	HASTY_OCTETS = 4096, /* a pipe that can be written to has room for it */
};

struct file {
	char *path;          /* NULL: written to as it is, nothing aside */
	bool standard;       /* fd is stdout, not ours to close */
	bool hasty;          /* nothing waits for who reads it */
	struct octets aside; /* NUL-ended name of what is written */
	struct octets name;  /* the part after the last '/' */
	int dir;             /* descriptor of the folder */
	int fd;
	int rc;
};

static void
free_file(struct file *file)
{
	if (!file->standard && file->fd >= 0) {
		close(file->fd);
	}
	if (file->dir >= 0) {
		close(file->dir);
	}
	free(file->path);
	octets_clear(&file->aside);
	octets_clear(&file->name);
	free(file);
}

static int
open_dir(struct file *file)
{
	struct octets dir = { .at = NULL };
	const char *slash = strrchr(file->path, '/');
	const char *name = slash == NULL ? file->path : slash + 1;
	int rc = 0;

	if (slash == NULL) {
		octets_add(&dir, ".", 2);
	} else {
		octets_add(&dir, file->path, (size_t)(name - file->path));
		octets_u8(&dir, 0);
	}
	octets_add(&file->name, name, strlen(name) + 1);
	file->dir =
	    open((const char *)dir.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir < 0) {
		rc = -errno;
	} else if (*name == 0) {
		rc = -EISDIR;
	}
	octets_clear(&dir);
	return rc;
}

/* --- the name aside: .NAME.0123456789abcdef */

static bool
is_aside(const struct file *file, const char *name)
{
	size_t len = strnlen((const char *)file->name.at, NAME_MOST);

	return strlen(name) == 1 + len + 1 + RANDOM_DIGITS && name[0] == '.' &&
	       memcmp(name + 1, file->name.at, len) == 0 &&
	       name[1 + len] == '.' &&
	       strspn(name + 1 + len + 1, "0123456789abcdef") == RANDOM_DIGITS;
}

/* Who writes holds a lock, and whoever was killed does not. */
static void
remove_if_left(const struct file *file, const char *name)
{
	int fd = openat(file->dir, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		(void)unlinkat(file->dir, name, 0);
	}
	if (fd >= 0) {
		close(fd);
	}
}

static void
remove_left(const struct file *file)
{
	int fd = openat(file->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL) {
		if (fd >= 0) {
			close(fd);
		}
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (is_aside(file, entry->d_name)) {
			remove_if_left(file, entry->d_name);
		}
	}
	closedir(dir);
}

/* False: somebody took it for left behind before it was locked. Where there are
 * no locks nobody does. */
static bool
keep_aside(const struct file *file)
{
	const char *name = (const char *)file->aside.at;
	struct stat st;

	return !(flock(file->fd, LOCK_EX | LOCK_NB) != 0 &&
		   errno == EWOULDBLOCK) &&
	       fstatat(file->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A name nobody can guess, so that no one can stand in its way for long. */
static int
open_aside(struct file *file, mode_t mode)
{
	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t random;

		clock_random(&random, sizeof(random));
		octets_reset(&file->aside);
		octets_printf(&file->aside, ".%.*s.%016llx", NAME_MOST,
		    (const char *)file->name.at, (unsigned long long)random);
		octets_u8(&file->aside, 0);
		file->fd = openat(file->dir, (const char *)file->aside.at,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		if (file->fd >= 0 && keep_aside(file)) {
			return 0;
		}
		if (file->fd < 0 && errno != EEXIST) {
			return -errno;
		}
		if (file->fd >= 0) {
			close(file->fd);
			file->fd = -1;
		}
	}
	return -EEXIST;
}

static int
begin(struct file *file)
{
	struct stat st;
	bool old;
	int rc = open_dir(file);

	if (rc != 0) {
		return rc;
	}
	old = fstatat(file->dir, (const char *)file->name.at, &st,
		  AT_SYMLINK_NOFOLLOW) == 0 &&
	      S_ISREG(st.st_mode);
	remove_left(file);
	rc = open_aside(file, old ? 0600 : 0644);
	if (rc == 0 && old && fchmod(file->fd, st.st_mode & 07777) != 0) {
		rc = -errno;
		unlinkat(file->dir, (const char *)file->aside.at, 0);
	}
	return rc;
}

/* A device, a pipe or a socket is written to; replacing one would break what
 * hangs on it. 1: it is one, and open. */
static int
open_special(struct file *file, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || S_ISREG(st.st_mode) ||
	    S_ISDIR(st.st_mode)) {
		return 0;
	}
	file->fd = open(path,
	    O_WRONLY | O_NOCTTY | O_CLOEXEC | (file->hasty ? O_NONBLOCK : 0));
	return file->fd < 0 ? -errno : 1;
}

static int
open_it(struct file **out, const char *path, bool hasty)
{
	struct file *file = mem_zero(1, sizeof(*file));
	int rc = 0;

	file->hasty = hasty;
	file->dir = -1;
	file->fd = -1;
	if (path == NULL || strcmp(path, "-") == 0) {
		file->fd = STDOUT_FILENO;
		file->standard = true;
	} else {
		rc = open_special(file, path);
		if (rc == 0) {
			file->path = mem_text(path);
			rc = begin(file);
		}
	}
	if (rc < 0) {
		free_file(file);
		file = NULL;
	}
	*out = file;
	return rc < 0 ? rc : 0;
}

int
file_open(struct file **out, const char *path)
{
	return open_it(out, path, false);
}

int
file_open_hasty(struct file **out, const char *path)
{
	return open_it(out, path, true);
}

/* So many octets may be written, of so many. */
static size_t
room_for(struct file *file, size_t len)
{
	struct pollfd room = { .fd = file->fd, .events = POLLOUT };
	int n;

	if (!file->hasty || file->path != NULL) {
		return len;
	}
	do {
		n = poll(&room, 1, HASTY_MS);
	} while (n < 0 && errno == EINTR);
	if (n <= 0) {
		file->rc = n == 0 ? -ETIMEDOUT : -errno;
		return 0;
	}
	return len < HASTY_OCTETS ? len : HASTY_OCTETS;
}

static int
put(void *arg, struct bytes octets)
{
	struct file *file = arg;

	while (octets.len != 0 && file->rc == 0) {
		size_t most = room_for(file, octets.len);
		ssize_t n = most == 0 ? 0 : write(file->fd, octets.at, most);

		if (n >= 0) {
			octets.at += n;
			octets.len -= (size_t)n;
		} else if (errno != EINTR && errno != EAGAIN) {
			file->rc = -errno;
		}
	}
	return file->rc;
}

struct sink
file_sink(struct file *file)
{
	return (struct sink){ .put = put, .arg = file };
}

static int
finish(struct file *file)
{
	if (fsync(file->fd) != 0 ||
	    renameat(file->dir, (const char *)file->aside.at, file->dir,
		(const char *)file->name.at) != 0) {
		return -errno;
	}
	/* It is in place now, and nothing takes it back: a folder that cannot
	 * be synced is no reason to call it unwritten. */
	(void)fsync(file->dir);
	return 0;
}

int
file_close(struct file *file)
{
	int rc = file->rc;

	if (file->path != NULL) {
		if (rc == 0) {
			rc = finish(file);
		}
		if (rc != 0) {
			unlinkat(file->dir, (const char *)file->aside.at, 0);
		}
	}
	free_file(file);
	return rc;
}

void
file_abandon(struct file *file)
{
	if (file == NULL) {
		return;
	}
	if (file->path != NULL) {
		unlinkat(file->dir, (const char *)file->aside.at, 0);
	}
	free_file(file);
}
