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

struct walk {
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
enter(struct walk *walk, int dir, const char *name)
{
	struct level *level = &walk->levels[walk->depth];
	int fd;
	int rc;

	if (walk->depth == DEEPEST) {
		return -EFBIG;
	}
	fd = open_beneath(dir, name, O_DIRECTORY);
	if (fd < 0) {
		walk->passed_over++;
		return is_theirs(fd) ? 0 : fd;
	}
	level->list = fdopendir(fd);
	if (level->list == NULL) {
		rc = -errno;
		close(fd);
		return rc;
	}
	level->path = walk->path.len;
	walk->depth++;
	return 0;
}

/* Put the name behind the path of its folder. */
static bool
make_path(struct walk *walk, const struct level *level, const char *name)
{
	walk->path.len = level->path;
	octets_add(&walk->path, name, strlen(name));
	return walk->path.len <= walk->limits->path;
}

static int
visit(struct walk *walk, const struct level *level, const char *name)
{
	struct stat st;
	struct tree_file file = { .dir = dirfd(level->list), .name = name };

	if (++walk->entries > walk->limits->entries) {
		return -EFBIG;
	}
	if (!make_path(walk, level, name) ||
	    fstatat(file.dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		walk->passed_over++;
		return 0;
	}
	if (S_ISDIR(st.st_mode)) {
		octets_u8(&walk->path, '/');
		return enter(walk, file.dir, name);
	}
	if (!S_ISREG(st.st_mode)) {
		walk->passed_over++;
		return 0;
	}
	walk->octets += (uint64_t)st.st_size;
	if (walk->limits->octets != 0 && walk->octets > walk->limits->octets) {
		return -EFBIG;
	}
	octets_u8(&walk->path, 0);
	file.path = (const char *)walk->path.at;
	file.st = &st;
	return walk->each(walk->arg, &file);
}

static int
step(struct walk *walk)
{
	struct level *level = &walk->levels[walk->depth - 1];
	struct dirent *entry;

	errno = 0;
	entry = readdir(level->list);
	if (entry == NULL) {
		int rc = -errno;

		closedir(level->list);
		walk->depth--;
		return rc;
	}
	if (strcmp(entry->d_name, ".") == 0 ||
	    strcmp(entry->d_name, "..") == 0) {
		return 0;
	}
	return visit(walk, level, entry->d_name);
}

int
tree_walk(const char *dir, const struct tree_limits *limits,
    uint32_t *passed_over, tree_each_fn *each, void *arg)
{
	struct walk *walk = mem_zero(1, sizeof(*walk));
	int top = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc;

	if (top < 0) {
		rc = -errno;
		goto out;
	}
	walk->limits = limits;
	walk->each = each;
	walk->arg = arg;
	rc = enter(walk, top, ".");
	close(top);
	if (rc == 0 && walk->depth == 0) {
		rc = -EACCES;
	}
	while (rc == 0 && walk->depth > 0) {
		rc = step(walk);
	}
	while (walk->depth > 0) {
		closedir(walk->levels[--walk->depth].list);
	}
	*passed_over += walk->passed_over;
out:
	octets_clear(&walk->path);
	free(walk);
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
