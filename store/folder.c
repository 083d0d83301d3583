/* SPDX-License-Identifier: BSD-2-Clause */
/* folder - see folder.h. */
#include "store/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { FOLDER_MODE = 0750 };

int
folder_make(const char *path)
{
	char *copy = mem_text(path);
	int rc = 0;

	for (char *at = copy + 1; rc == 0 && copy[0] != '\0'; at++) {
		char held = *at;

		if (held != '/' && held != '\0') {
			continue;
		}
		*at = '\0';
		if (mkdir(copy, FOLDER_MODE) != 0 && errno != EEXIST) {
			rc = -errno;
		}
		*at = held;
		if (held == '\0') {
			break;
		}
	}
	free(copy);
	return rc;
}

static int
open_folder(int dir, const char *name)
{
	int fd =
	    openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

int
folder_open(int dir, const char *name)
{
	int fd;

	if (mkdirat(dir, name, FOLDER_MODE) != 0 && errno != EEXIST) {
		return -errno;
	}
	fd = open_folder(dir, name);
	return fd == -ELOOP ? -ENOTDIR : fd;
}

int
folder_each(int dir, folder_each_fn *each, void *arg)
{
	int own = open_folder(dir, ".");
	struct dirent *entry;
	DIR *list;
	int rc = 0;

	if (own < 0) {
		return own;
	}
	list = fdopendir(own);
	if (list == NULL) {
		rc = -errno;
		close(own);
		return rc;
	}
	for (;;) {
		errno = 0;
		entry = readdir(list);
		if (entry == NULL) {
			rc = -errno;
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0) {
			continue;
		}
		rc = each(arg, dir, entry->d_name);
		if (rc != 0) {
			break;
		}
	}
	closedir(list);
	return rc;
}

/* Emptying a tree without descending it: a folder's folders are moved up
 * beside it under new names, so the tree gets flatter with every pass. */
struct emptying {
	int top;
	unsigned long moved; /* names given so far */
	unsigned long done;  /* entries removed or moved in this pass */
};

static int
move_up(struct emptying *work, int dir, const char *name)
{
	char aside[40];

	for (unsigned tries = 0; tries < 1000000; tries++) {
		snprintf(aside, sizeof(aside), ".aside.%lu", work->moved++);
		if (renameat(dir, name, work->top, aside) == 0) {
			return 0;
		}
		if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) {
			return -errno;
		}
	}
	return -EEXIST;
}

static bool
is_folder(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

/* It is gone: all go at once but folders that hold something. */
static bool
unlinked(int dir, const char *name)
{
	return unlinkat(dir, name, 0) == 0 || errno == ENOENT ||
	       unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

/* The folder that could not be unlinked, or why what is no folder could not;
 * opened even when its owner took away the permission. */
static int
open_full(int dir, const char *name)
{
	int fd;

	if (!is_folder(dir, name)) {
		return -errno;
	}
	fd = open_folder(dir, name);
	if (fd == -EACCES && fchmodat(dir, name, 0700, 0) == 0) {
		fd = open_folder(dir, name);
	}
	return fd;
}

static int
drop_inner(void *arg, int dir, const char *name)
{
	struct emptying *work = arg;

	if (unlinked(dir, name)) {
		return 0;
	}
	return is_folder(dir, name) ? move_up(work, dir, name) : -errno;
}

static int
drop(void *arg, int dir, const char *name)
{
	struct emptying *work = arg;
	int fd, rc;

	work->done++;
	if (unlinked(dir, name)) {
		return 0;
	}
	fd = open_full(dir, name);
	if (fd < 0) {
		return fd;
	}
	fchmod(fd, 0700);
	rc = folder_each(fd, drop_inner, work);
	close(fd);
	if (rc == 0 && unlinkat(dir, name, AT_REMOVEDIR) != 0 &&
	    errno != ENOTEMPTY && errno != EEXIST) {
		rc = -errno;
	}
	return rc;
}

static int
empty(int dir)
{
	struct emptying work = { .top = dir };
	int rc;

	do {
		work.done = 0;
		rc = folder_each(dir, drop, &work);
	} while (rc == 0 && work.done > 0);
	return rc;
}

int
folder_remove(int dir, const char *name)
{
	int fd, rc;

	if (unlinked(dir, name)) {
		return 0;
	}
	fd = open_full(dir, name);
	if (fd < 0) {
		return fd;
	}
	rc = empty(fd);
	close(fd);
	if (rc == 0 && unlinkat(dir, name, AT_REMOVEDIR) != 0) {
		rc = -errno;
	}
	return rc;
}
