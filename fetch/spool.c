/* SPDX-License-Identifier: BSD-2-Clause */
/* spool - see spool.h. */
#include "fetch/spool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/digest.h"

struct spool {
	int fd;
	uint64_t ceiling;
	uint64_t size;
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

int
spool_open_own(struct spool **out, const char *dir)
{
	int fd = open_unlinked(dir);

	if (fd < 0) {
		return fd;
	}
	*out = mem_zero(1, sizeof(**out));
	(*out)->fd = fd;
	(*out)->ceiling = UINT64_MAX;
	return 0;
}

int
spool_open(struct spool **out, const char *dir, uint64_t ceiling)
{
	int rc = spool_open_own(out, dir);

	if (rc == 0) {
		(*out)->ceiling = ceiling;
		(*out)->digester = digest_new();
		digest_begin((*out)->digester);
	}
	return rc;
}

void
spool_free(struct spool *spool)
{
	if (spool == NULL) {
		return;
	}
	digest_free(spool->digester);
	close(spool->fd);
	free(spool);
}

int
spool_add(struct spool *spool, struct bytes more)
{
	struct bytes left = more;

	assert(!spool->ended);
	if (more.len > spool_room(spool)) {
		return -EFBIG;
	}
	while (left.len > 0) {
		ssize_t n =
		    pwrite(spool->fd, left.at, left.len, (off_t)spool->size);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? -errno : -EIO;
		}
		if (spool->digester != NULL) {
			digest_add(spool->digester,
			    bytes_of(left.at, (size_t)n));
		}
		spool->size += (uint64_t)n;
		left = bytes_of(left.at + n, left.len - (size_t)n);
	}
	return 0;
}

uint64_t
spool_size(const struct spool *spool)
{
	return spool->size;
}

uint64_t
spool_room(const struct spool *spool)
{
	return spool->ceiling - spool->size;
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

int
spool_rewind(struct spool *spool)
{
	spool->at = 0;
	return 0;
}

long
spool_read(struct spool *spool, void *into, size_t room)
{
	ssize_t n;

	do {
		n = pread(spool->fd, into, room, (off_t)spool->at);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		return -errno;
	}
	spool->at += (uint64_t)n;
	return n;
}
