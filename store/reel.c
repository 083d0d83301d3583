/* SPDX-License-Identifier: BSD-2-Clause */
/* reel - see reel.h. */
#include "store/reel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/octets.h"

enum {
	FORMAT = 1,
	AT_LABEL = 1 + 8,
	HEAD = AT_LABEL + HASH_SIZE + 2 * 8,
	FILE_MODE = 0640,
};

/* Rows and other files have other seeds. */
static const uint64_t seed = 0x6b656467652d726c;

struct reel {
	int dir, fd;
	struct checksum sum; /* of the content; at the end, of the label */
	uint64_t octets;
	int failed; /* the first failure */
};

static int
open_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int
write_at(int fd, struct bytes octets, off_t at)
{
	while (octets.len > 0) {
		ssize_t n = pwrite(fd, octets.at, octets.len, at);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		octets = bytes_of(octets.at + n, octets.len - (size_t)n);
		at += n;
	}
	return 0;
}

int
reel_begin(struct reel **out, const char *dir)
{
	struct reel *reel;
	int folder = open_folder(dir);
	int fd;

	*out = NULL;
	if (folder < 0) {
		return folder;
	}
	fd = openat(folder, REEL_ASIDE,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0) {
		fd = -errno;
		close(folder);
		return fd;
	}
	reel = mem_zero(1, sizeof(*reel));
	reel->dir = folder;
	reel->fd = fd;
	checksum_begin(&reel->sum, seed);
	*out = reel;
	return 0;
}

void
reel_add(struct reel *reel, struct bytes content)
{
	if (reel->failed == 0 &&
	    content.len > LIMIT_REEL_OCTETS - reel->octets) {
		reel->failed = -EFBIG;
	}
	if (reel->failed == 0) {
		reel->failed =
		    write_at(reel->fd, content, (off_t)(HEAD + reel->octets));
		checksum_add(&reel->sum, content);
		reel->octets += content.len;
	}
}

static void
end(struct reel *reel, bool kept)
{
	if (!kept) {
		(void)unlinkat(reel->dir, REEL_ASIDE, 0);
	}
	close(reel->fd);
	close(reel->dir);
	free(reel);
}

static void
put_label(struct octets *out, const struct reel_label *label)
{
	octets_add(out, label->key.at, HASH_SIZE);
	octets_u64(out, (uint64_t)label->from);
	octets_u64(out, (uint64_t)label->until);
}

/* Not synced: what a machine that lost power left of it is seen by its sum. */
int
reel_keep(struct reel *reel, const struct reel_label *label)
{
	struct octets text = { 0 }, head = { 0 };
	int rc = reel->failed;

	put_label(&text, label);
	checksum_add(&reel->sum, octets_bytes(&text));
	octets_u8(&head, FORMAT);
	octets_u64(&head, checksum_end(&reel->sum));
	octets_add_bytes(&head, octets_bytes(&text));
	if (rc == 0) {
		rc = write_at(reel->fd, octets_bytes(&head), 0);
	}
	if (rc == 0 &&
	    renameat(reel->dir, REEL_ASIDE, reel->dir, REEL_FILE) != 0) {
		rc = -errno;
	}
	octets_clear(&text);
	octets_clear(&head);
	end(reel, rc == 0);
	return rc;
}

void
reel_drop(struct reel *reel)
{
	if (reel != NULL) {
		end(reel, false);
	}
}

/* The label is the one that is asked for, and it and the content are what they
 * were when it was kept. */
static bool
fits(struct bytes whole, const struct hash *key, int64_t now)
{
	struct cursor c = cursor_open(whole);
	struct bytes label = bytes_of(whole.at + AT_LABEL, HEAD - AT_LABEL);
	struct checksum sum;
	uint64_t wanted;
	struct bytes theirs;
	int64_t from, until;

	if (cursor_u8(&c) != FORMAT) {
		return false;
	}
	wanted = cursor_u64(&c);
	theirs = cursor_take(&c, HASH_SIZE);
	from = (int64_t)cursor_u64(&c);
	until = (int64_t)cursor_u64(&c);
	if (!bytes_equal(theirs, hash_bytes(key)) || now < from ||
	    now > until) {
		return false;
	}
	checksum_begin(&sum, seed);
	checksum_add(&sum, cursor_take(&c, cursor_left(&c)));
	checksum_add(&sum, label);
	return checksum_end(&sum) == wanted;
}

static int
open_reel(const char *dir)
{
	int folder = open_folder(dir);
	int fd;

	if (folder < 0) {
		return folder;
	}
	fd = openat(folder, REEL_FILE,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	fd = fd < 0 ? -errno : fd;
	close(folder);
	return fd;
}

/* Mapped, since it is read twice and copied once, by the kernel. Nobody writes
 * to a file of that name: another takes its place. */
static int
map_reel(int fd, struct bytes *whole)
{
	struct stat st;
	void *at;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < HEAD ||
	    st.st_size > (off_t)LIMIT_REEL_OCTETS + HEAD) {
		return -ENOENT;
	}
	at = mmap(NULL, (size_t)st.st_size, PROT_READ,
	    MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (at == MAP_FAILED) {
		return -errno;
	}
	*whole = bytes_of(at, (size_t)st.st_size);
	return 0;
}

int
reel_find(struct bytes *content, const char *dir, const struct hash *key,
    int64_t now)
{
	int fd = open_reel(dir);
	struct bytes whole;
	int rc;

	if (fd < 0) {
		return fd;
	}
	rc = map_reel(fd, &whole);
	close(fd);
	if (rc != 0) {
		return rc;
	}
	*content = bytes_of(whole.at + HEAD, whole.len - HEAD);
	if (!fits(whole, key, now)) {
		reel_leave(*content);
		return -ENOENT;
	}
	return 0;
}

void
reel_leave(struct bytes content)
{
	/* WHY the cast: it is not written to, it goes. */
	(void)munmap((void *)(uintptr_t)(content.at - HEAD),
	    content.len + HEAD);
}
