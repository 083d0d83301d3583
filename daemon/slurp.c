/* SPDX-License-Identifier: BSD-2-Clause */
/* slurp - see slurp.h. */
#include "daemon/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
say(struct octets *why, const char *path, const char *what)
{
	octets_printf(why, "%s: %s", path, what);
	return false;
}

/* Read to the end; 0, -errno or -EFBIG. */
static int
read_all(struct octets *out, int fd, size_t most)
{
	uint8_t piece[16384];
	size_t sum = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR) {
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

bool
slurp_file(struct octets *out, const char *path, size_t most,
    struct octets *why)
{
	bool standard = strcmp(path, "-") == 0;
	struct stat about;
	int fd = STDIN_FILENO;
	int rc;

	if (!standard) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
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
