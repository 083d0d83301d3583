/* SPDX-License-Identifier: BSD-2-Clause */
/* tree - see tree.h. */
#include "store/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"

enum { DEEPEST = LIMIT_RSYNC_FOLDERS, PIECE = 64 * 1024 };

struct level {
	DIR *list;
	size_t path; /* octets of the path to it, with the '/' */
};

struct survey {
	const struct tree_limits *limits;
	struct level levels[DEEPEST];
	unsigned depth;
	struct octets path;
	uint64_t entries, octets;
	uint32_t passed_over;
	tree_each_fn *each;
	void *arg;
};

/*
 * A name in a folder that is open already, so that O_NOFOLLOW alone would do;
 * where the kernel has openat2 it holds the same rule once more.
 */
static int
open_beneath(int dir, const char *name, int flags)
{
	const struct open_how how = {
		.flags = (uint64_t)(flags | O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
				    O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
		fd = openat(dir, name, (int)how.flags);
	}
	return fd < 0 ? -errno : (int)fd;
}

/* Errors that one entry may have without the machine being at fault. */
static bool
is_theirs(int rc)
{
	return rc == -EACCES || rc == -EPERM || rc == -ELOOP || rc == -ENOENT ||
	       rc == -ENOTDIR || rc == -EXDEV || rc == -ENXIO;
}

static int
enter(struct survey *survey, int dir, const char *name)
{
	struct level *level = &survey->levels[survey->depth];
	int fd;
	int rc;

	if (survey->depth == DEEPEST) {
		return -EFBIG;
	}
	fd = open_beneath(dir, name, O_DIRECTORY);
	if (fd < 0) {
		survey->passed_over++;
		return is_theirs(fd) ? 0 : fd;
	}
	level->list = fdopendir(fd);
	if (level->list == NULL) {
		rc = -errno;
		close(fd);
		return rc;
	}
	level->path = survey->path.len;
	survey->depth++;
	return 0;
}

/* Put the name behind the path of its folder. */
static bool
make_path(struct survey *survey, const struct level *level, const char *name)
{
	survey->path.len = level->path;
	octets_add(&survey->path, name, strlen(name));
	return survey->path.len <= survey->limits->path;
}

static int
visit(struct survey *survey, const struct level *level, const char *name)
{
	struct stat st;
	struct tree_file file = { .dir = dirfd(level->list), .name = name };

	if (++survey->entries > survey->limits->entries) {
		return -EFBIG;
	}
	if (!make_path(survey, level, name) ||
	    fstatat(file.dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		survey->passed_over++;
		return 0;
	}
	if (S_ISDIR(st.st_mode)) {
		octets_u8(&survey->path, '/');
		return enter(survey, file.dir, name);
	}
	if (!S_ISREG(st.st_mode)) {
		survey->passed_over++;
		return 0;
	}
	survey->octets += (uint64_t)st.st_size;
	if (survey->limits->octets != 0 &&
	    survey->octets > survey->limits->octets) {
		return -EFBIG;
	}
	octets_u8(&survey->path, 0);
	file.path = (const char *)survey->path.at;
	file.st = &st;
	return survey->each(survey->arg, &file);
}

static int
step(struct survey *survey)
{
	struct level *level = &survey->levels[survey->depth - 1];
	struct dirent *entry;

	errno = 0;
	entry = readdir(level->list);
	if (entry == NULL) {
		int rc = -errno;

		closedir(level->list);
		survey->depth--;
		return rc;
	}
	if (strcmp(entry->d_name, ".") == 0 ||
	    strcmp(entry->d_name, "..") == 0) {
		return 0;
	}
	return visit(survey, level, entry->d_name);
}

int
tree_walk(const char *dir, const struct tree_limits *limits,
    uint32_t *passed_over, tree_each_fn *each, void *arg)
{
	struct survey *survey = mem_zero(1, sizeof(*survey));
	int top = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc;

	if (top < 0) {
		rc = -errno;
		goto out;
	}
	survey->limits = limits;
	survey->each = each;
	survey->arg = arg;
	rc = enter(survey, top, ".");
	close(top);
	if (rc == 0 && survey->depth == 0) {
		rc = -EACCES;
	}
	while (rc == 0 && survey->depth > 0) {
		rc = step(survey);
	}
	while (survey->depth > 0) {
		closedir(survey->levels[--survey->depth].list);
	}
	*passed_over += survey->passed_over;
out:
	octets_clear(&survey->path);
	free(survey);
	return rc;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return S_ISREG(b->st_mode) && a->st_dev == b->st_dev &&
	       a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int
tree_read(const struct tree_file *file, struct octets *out)
{
	uint8_t piece[PIECE];
	struct stat st;
	ssize_t n = 0;
	int rc = 0;
	int fd = open_beneath(file->dir, file->name, 0);

	octets_reset(out);
	if (fd < 0) {
		return is_theirs(fd) ? -ESTALE : fd;
	}
	/* Were it longer by now, the second look would say so. */
	while (out->len < (uint64_t)file->st->st_size) {
		n = read(fd, piece, sizeof(piece));
		if (n > 0) {
			octets_add(out, piece, (size_t)n);
		} else if (n == 0 || errno != EINTR) {
			break;
		}
	}
	if (n < 0 || fstat(fd, &st) != 0) {
		rc = -errno;
	} else if (!same_file(file->st, &st) ||
		   out->len != (uint64_t)st.st_size) {
		rc = -ESTALE;
	}
	close(fd);
	return rc;
}
