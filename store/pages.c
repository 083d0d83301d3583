/* SPDX-License-Identifier: BSD-2-Clause */
/* pages - see pages.h. */
#include "store/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* LMDB's file format 1 on a machine with words of eight octets: the header of
 * a root page (16 octets), then what the root holds, in host order. */
enum {
	AT_FLAGS = 10,
	AT_MAGIC = 16,
	AT_VERSION = 20,
	AT_PAGE_SIZE = 40,
	AT_FREE_DEPTH = 46,
	AT_FREE_ROOT = 80,
	AT_MAIN_DEPTH = 94,
	AT_MAIN_ROOT = 128,
	AT_LAST = 136,
	AT_NUMBER = 144,
	ROOT_OCTETS = 152,
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

static uint64_t
host64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static bool
tree_sane(const uint8_t *depth, const uint8_t *root, uint64_t last)
{
	uint64_t page = host64(root);

	if (page == UINT64_MAX) {
		return host16(depth) == 0;
	}
	return page > 1 && page <= last && host16(depth) >= 1 &&
	       host16(depth) < DEEPEST;
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
	root->page_size = host32(page + AT_PAGE_SIZE);
	root->last = host64(page + AT_LAST);
	root->number = host64(page + AT_NUMBER);
	root->empty = host64(page + AT_MAIN_ROOT) == UINT64_MAX;
	if ((host16(page + AT_FLAGS) & FLAG_META) == 0 ||
	    host32(page + AT_MAGIC) != magic ||
	    host32(page + AT_VERSION) != 1 || root->page_size < 512 ||
	    root->page_size > 32768 ||
	    (root->page_size & (root->page_size - 1)) != 0 || root->last < 1 ||
	    root->last > UINT64_MAX / 65536 ||
	    !tree_sane(page + AT_FREE_DEPTH, page + AT_FREE_ROOT, root->last) ||
	    !tree_sane(page + AT_MAIN_DEPTH, page + AT_MAIN_ROOT, root->last)) {
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
	} else if (sizeof(size_t) == 8) {
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
