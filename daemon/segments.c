/* SPDX-License-Identifier: BSD-2-Clause */
/* segments - see segments.h. */
#include "daemon/segments.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/mem.h"
#include "base/text.h"

enum { NAME = 8 };

static void
name_of(uint32_t number, char name[NAME + 1])
{
	snprintf(name, NAME + 1, "%08u", (unsigned)(number % 100000000));
}

/* Eight digits, zeros in front. */
static bool
number_of(const char *name, uint32_t *number)
{
	uint32_t value = 0;

	if (strlen(name) != NAME) {
		return false;
	}
	for (size_t i = 0; i < NAME; i++) {
		if (name[i] < '0' || name[i] > '9') {
			return false;
		}
		value = value * 10 + (uint32_t)(name[i] - '0');
	}
	*number = value;
	return true;
}

static void
add(struct segments *s, uint32_t number)
{
	s->numbers =
	    array_room(s->numbers, s->count, &s->room, sizeof(*s->numbers));
	s->numbers[s->count++] = number;
}

static int
list(struct segments *s)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	uint32_t number;

	if (dir == NULL) {
		return -errno;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (number_of(entry->d_name, &number)) {
			add(s, number);
		}
	}
	closedir(dir);
	if (s->count > 0) {
		qsort(s->numbers, s->count, sizeof(*s->numbers), array_by_u32);
	}
	return 0;
}

int
segments_open(struct segments *s, const char *state, enum segments_for purpose)
{
	struct octets path = { .at = NULL };

	*s = (struct segments){ .dir = -1 };
	octets_printf(&path, "%s/journal", state);
	octets_u8(&path, 0);
	s->folder = mem_text((const char *)path.at);
	octets_clear(&path);
	if (purpose == SEGMENTS_WRITE && mkdir(s->folder, 0755) != 0 &&
	    errno != EEXIST) {
		return -errno;
	}
	s->dir = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->dir < 0 ? -errno : list(s);
}

void
segments_close(struct segments *s)
{
	if (s->dir >= 0) {
		close(s->dir);
	}
	free(s->folder);
	free(s->numbers);
	*s = (struct segments){ .dir = -1 };
}

static int
read_all(int fd, uint64_t most, struct octets *out)
{
	enum { AT_ONCE = 1 << 20 };
	ssize_t n = 1;

	while (n > 0 && out->len < most) {
		uint8_t *at = octets_more(out, AT_ONCE);

		n = read(fd, at, AT_ONCE);
		out->len -= AT_ONCE;
		if (n < 0 && errno == EINTR) {
			n = 1;
		} else if (n > 0) {
			out->len += (size_t)n;
		}
	}
	return n < 0 ? -errno : 0;
}

int
segments_load(const struct segments *s, size_t i, uint64_t most,
    struct octets *out)
{
	char name[NAME + 1];
	int fd, rc;

	name_of(s->numbers[i], name);
	fd = openat(s->dir, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		return -errno;
	}
	rc = read_all(fd, most, out);
	close(fd);
	return rc;
}

int
segments_next(struct segments *s)
{
	uint32_t number = s->count == 0 ? 1 : s->numbers[s->count - 1] + 1;
	char name[NAME + 1];
	int fd;

	name_of(number, name);
	fd = openat(s->dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		return -errno;
	}
	add(s, number);
	return fd;
}

int
segments_reopen(const struct segments *s)
{
	char name[NAME + 1];
	int fd;

	name_of(s->numbers[s->count - 1], name);
	fd = openat(s->dir, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void
segments_undo(struct segments *s)
{
	char name[NAME + 1];

	name_of(s->numbers[--s->count], name);
	(void)unlinkat(s->dir, name, 0);
}

static uint64_t
size_of(const struct segments *s, size_t i)
{
	char name[NAME + 1];
	struct stat st;

	name_of(s->numbers[i], name);
	return fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0
		   ? (uint64_t)st.st_size
		   : 0;
}

void
segments_trim(struct segments *s, uint64_t size)
{
	uint64_t total = 0;
	size_t keep = s->count;
	char name[NAME + 1];

	while (keep > 0 && (total += size_of(s, keep - 1)) <= size) {
		keep--;
	}
	if (s->count == 0 || keep == 0) {
		return;
	}
	keep = keep == s->count ? s->count - 1 : keep;
	for (size_t i = 0; i < keep; i++) {
		name_of(s->numbers[i], name);
		(void)unlinkat(s->dir, name, 0);
	}
	s->count -= keep;
	memmove(s->numbers, s->numbers + keep, s->count * sizeof(*s->numbers));
}
