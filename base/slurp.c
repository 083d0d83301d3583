/* SPDX-License-Identifier: BSD-2-Clause */
/* slurp - see slurp.h. */
#include "base/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { PATIENCE_MS = 5000 };

struct manner {
	size_t most;
	int flags; /* of open() */
};

static bool
say(struct octets *why, const char *path, const char *what)
{
	octets_printf(why, "%s: %s", path, what);
	return false;
}

/* Until there is something to read, or too long. */
static bool
await(int fd, int64_t until)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t left = until - clock_mono_ms();

	return left > 0 && poll(&wait, 1, (int)left) != 0;
}

/* Read to the end; 0, -errno or -EFBIG. */
static int
read_all(struct octets *out, int fd, size_t most)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	uint8_t piece[16384];
	size_t sum = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 &&
		    (errno == EINTR || (errno == EAGAIN && await(fd, until)))) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? -errno : 0;
		}
		sum += (size_t)n;
		if (sum > most) {
			return -EFBIG;
		}
		octets_add(out, piece, (size_t)n);
	}
}

static bool
slurp(struct octets *out, const char *path, const struct manner *manner,
    struct octets *why)
{
	size_t most = manner->most;
	bool standard = strcmp(path, "-") == 0;
	struct stat about;
	int fd = STDIN_FILENO;
	int rc;

	if (!standard) {
		fd =
		    open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC | manner->flags);
	}
	if (fd < 0 || fstat(fd, &about) != 0) {
		return say(why, path, strerror(errno));
	}
	rc = S_ISDIR(about.st_mode) ? -EISDIR : read_all(out, fd, most);
	if (!standard) {
		close(fd);
	}
	if (rc == -EFBIG) {
		octets_printf(why, "%s: more than %zu octets", path, most);
		return false;
	}
	return rc == 0 || say(why, path, strerror(-rc));
}

bool
slurp_file(struct octets *out, const char *path, size_t most,
    struct octets *why)
{
	const struct manner manner = { most, 0 };

	return slurp(out, path, &manner, why);
}

bool
slurp_soon(struct octets *out, const char *path, size_t most,
    struct octets *why)
{
	const struct manner manner = { most, O_NONBLOCK };

	return slurp(out, path, &manner, why);
}
