/* SPDX-License-Identifier: BSD-2-Clause */
/* spool - see spool.h. */
#include "fetch/spool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/octets.h"
#include "crypto/digest.h"

struct spool {
	char *dir;
	spool_taker_fn *taker; /* of what is passed on; NULL: all is kept */
	void *arg;
	int fd;             /* -1: nothing had to be written yet */
	struct octets held; /* what comes after that in the file */
	uint64_t filed;     /* octets in the file, or passed on */
	uint64_t ceiling;
	uint64_t at;               /* where the next read begins */
	struct digester *digester; /* NULL: of our own */
	bool ended;
	struct hash digest;
};

static int
open_unlinked(const char *dir)
{
	char path[4096];
	int fd, len;

	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) {
		return fd >= 0 ? fd : -errno;
	}
	len = snprintf(path, sizeof(path), "%s/spool-XXXXXX", dir);
	if (len < 0 || (size_t)len >= sizeof(path)) {
		return -ENAMETOOLONG;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0) {
		return -errno;
	}
	(void)unlink(path);
	return fd;
}

struct spool *
spool_new_own(const char *dir)
{
	struct spool *spool = mem_zero(1, sizeof(*spool));

	spool->dir = mem_text(dir);
	spool->fd = -1;
	spool->ceiling = UINT64_MAX;
	return spool;
}

static struct spool *
bound(struct spool *spool, uint64_t ceiling)
{
	spool->ceiling = ceiling;
	spool->digester = digest_new();
	digest_begin(spool->digester);
	return spool;
}

struct spool *
spool_new(const char *dir, uint64_t ceiling)
{
	return bound(spool_new_own(dir), ceiling);
}

struct spool *
spool_new_passing(uint64_t ceiling, spool_taker_fn *taker, void *arg)
{
	struct spool *spool = mem_zero(1, sizeof(*spool));

	spool->taker = taker;
	spool->arg = arg;
	spool->fd = -1;
	return bound(spool, ceiling);
}

void
spool_free(struct spool *spool)
{
	if (spool == NULL) {
		return;
	}
	digest_free(spool->digester);
	octets_clear(&spool->held);
	if (spool->fd >= 0) {
		close(spool->fd);
	}
	free(spool->dir);
	free(spool);
}

static int
write_out(struct spool *spool, struct bytes left)
{
	if (spool->fd < 0) {
		int fd = open_unlinked(spool->dir);

		if (fd < 0) {
			return fd;
		}
		spool->fd = fd;
	}
	while (left.len > 0) {
		ssize_t n =
		    pwrite(spool->fd, left.at, left.len, (off_t)spool->filed);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? -errno : -EIO;
		}
		spool->filed += (uint64_t)n;
		left = bytes_of(left.at + n, left.len - (size_t)n);
	}
	return 0;
}

static int
keep(struct spool *spool, struct bytes more)
{
	int rc = 0;

	if (spool->held.len + more.len > SPOOL_HELD) {
		rc = write_out(spool, octets_bytes(&spool->held));
		octets_reset(&spool->held);
	}
	if (rc == 0 && more.len > SPOOL_HELD) {
		rc = write_out(spool, more);
	} else if (rc == 0) {
		octets_add_bytes(&spool->held, more);
	}
	return rc;
}

int
spool_add(struct spool *spool, struct bytes more)
{
	int rc = 0;

	assert(!spool->ended);
	if (more.len > spool_room(spool)) {
		return -EFBIG;
	}
	if (spool->taker != NULL) {
		spool->taker(spool->arg, more);
		spool->filed += more.len;
	} else {
		rc = keep(spool, more);
	}
	if (rc == 0 && spool->digester != NULL) {
		digest_add(spool->digester, more);
	}
	return rc;
}

uint64_t
spool_size(const struct spool *spool)
{
	return spool->filed + spool->held.len;
}

uint64_t
spool_room(const struct spool *spool)
{
	return spool->ceiling - spool_size(spool);
}

void
spool_digest(struct spool *spool, struct hash *out)
{
	assert(spool->digester != NULL);
	if (!spool->ended) {
		digest_end(spool->digester, &spool->digest);
		spool->ended = true;
	}
	*out = spool->digest;
}

void
spool_rewind(struct spool *spool)
{
	spool->at = 0;
}

static long
read_held(const struct spool *spool, void *into, size_t room)
{
	size_t from = (size_t)(spool->at - spool->filed);
	size_t left = spool->held.len - from;
	size_t n = left < room ? left : room;

	if (n > 0) {
		memcpy(into, spool->held.at + from, n);
	}
	return (long)n;
}

static long
read_file(const struct spool *spool, void *into, size_t room)
{
	ssize_t n;

	do {
		n = pread(spool->fd, into, room, (off_t)spool->at);
	} while (n < 0 && errno == EINTR);
	if (n == 0) {
		return -EIO; /* it is longer than that */
	}
	return n < 0 ? -errno : n;
}

long
spool_read(struct spool *spool, void *into, size_t room)
{
	long n;

	assert(spool->taker == NULL);
	n = spool->at < spool->filed ? read_file(spool, into, room)
				     : read_held(spool, into, room);
	if (n > 0) {
		spool->at += (uint64_t)n;
	}
	return n;
}
