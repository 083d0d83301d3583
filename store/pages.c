/* SPDX-License-Identifier: BSD-2-Clause */
/* pages - see pages.h. */
#include "store/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* LMDB's file format 1: the header of a root page, then what the root holds
 * with its two trees, in host order and in words as long as a size_t. */
enum {
	WORD = sizeof(size_t),
	AT_FLAGS = WORD + 2,
	AT_MAGIC = WORD + 8,
	AT_VERSION = AT_MAGIC + 4,
	AT_FREE = AT_VERSION + 4 + 2 * WORD,
	AT_MAIN = AT_FREE + 8 + 5 * WORD,
	AT_LAST = AT_MAIN + 8 + 5 * WORD,
	AT_NUMBER = AT_LAST + WORD,
	ROOT_OCTETS = AT_NUMBER + WORD,
	/* Of a tree; the page size stands in that of the free pages. */
	TREE_PAGE_SIZE = 0,
	TREE_DEPTH = 6,
	TREE_ROOT = 8 + 4 * WORD,
	FLAG_META = 8,
	DEEPEST = 32,
};

static const uint32_t magic = 0xBEEFC0DE;

struct root {
	uint32_t page_size;
	uint64_t last, number;
	bool empty;
};

static uint16_t
host16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint32_t
host32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static size_t
host_word(const uint8_t *at)
{
	size_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static bool
tree_sane(const uint8_t *tree, uint64_t last)
{
	uint16_t depth = host16(tree + TREE_DEPTH);
	size_t page = host_word(tree + TREE_ROOT);

	if (page == SIZE_MAX) {
		return depth == 0;
	}
	return page > 1 && page <= last && depth >= 1 && depth < DEEPEST;
}

static int
read_root(int fd, uint64_t at, struct root *root)
{
	uint8_t page[ROOT_OCTETS];
	ssize_t n = pread(fd, page, sizeof(page), (off_t)at);

	if (n < 0) {
		return -errno;
	}
	if (n != ROOT_OCTETS) {
		return -EBADMSG;
	}
	root->page_size = host32(page + AT_FREE + TREE_PAGE_SIZE);
	root->last = host_word(page + AT_LAST);
	root->number = host_word(page + AT_NUMBER);
	root->empty = host_word(page + AT_MAIN + TREE_ROOT) == SIZE_MAX;
	if ((host16(page + AT_FLAGS) & FLAG_META) == 0 ||
	    host32(page + AT_MAGIC) != magic ||
	    host32(page + AT_VERSION) != 1 || root->page_size < 512 ||
	    root->page_size > 32768 ||
	    (root->page_size & (root->page_size - 1)) != 0 || root->last < 1 ||
	    root->last > UINT64_MAX / 65536 ||
	    !tree_sane(page + AT_FREE, root->last) ||
	    !tree_sane(page + AT_MAIN, root->last)) {
		return -EBADMSG;
	}
	return 0;
}

static int
check_roots(int fd, uint64_t size, uint64_t *held)
{
	struct root first = { 0 };
	struct root second = { 0 };
	const struct root *newest;
	int rc;

	rc = read_root(fd, 0, &first);
	if (rc == 0) {
		rc = read_root(fd, first.page_size, &second);
	}
	if (rc != 0) {
		return rc;
	}
	if (first.page_size != second.page_size) {
		return -EBADMSG;
	}
	newest = first.number > second.number ? &first : &second;
	*held = (newest->last + 1) * newest->page_size;
	if (*held > size || size < UINT64_C(2) * first.page_size) {
		return -EBADMSG;
	}
	if (newest->empty) {
		*held = 0;
	}
	return 0;
}

static bool
is_link(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(st.st_mode);
}

int
pages_check(const char *path, uint64_t *held)
{
	struct stat st;
	int dir, fd = -1, rc = 0;

	*held = 0;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		return -errno;
	}
	/* Opening the lock file would, on closing, drop LMDB's locks on it. */
	if (is_link(dir, "lock.mdb")) {
		rc = -ELOOP;
		goto out;
	}
	fd = openat(dir, "data.mdb",
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		/* A socket cannot be opened at all. */
		rc = errno == ENXIO ? -EBADMSG : -errno;
	} else if (!S_ISREG(st.st_mode)) {
		rc = -EBADMSG;
	} else if (st.st_size == 0) {
		rc = -ENOENT;
	} else {
		rc = check_roots(fd, (uint64_t)st.st_size, held);
	}
out:
	if (fd >= 0) {
		close(fd);
	}
	close(dir);
	return rc;
}

void
pages_extend(int fd, uint64_t octets)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && (uint64_t)st.st_size < octets &&
	    ftruncate(fd, (off_t)octets) != 0) {
		/* The next opening takes it for damage and begins anew. */
		return;
	}
}
