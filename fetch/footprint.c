/* SPDX-License-Identifier: BSD-2-Clause */
/* footprint - see footprint.h. */
#include "fetch/footprint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

enum { DEPTH_MOST = LIMIT_RSYNC_FOLDERS };

/* A folder for each step down: no recursion, no path that grows. */
struct walk {
	DIR *open[DEPTH_MOST];
	unsigned depth;
	uint64_t max_octets, max_files;
	struct footprint *sum;
};

static bool
passed(const struct walk *walk)
{
	return (walk->max_octets != 0 &&
		   walk->sum->octets > walk->max_octets) ||
	       (walk->max_files != 0 && walk->sum->files > walk->max_files);
}

static void
descend(struct walk *walk, int parent, const char *name)
{
	int fd;

	if (walk->depth == DEPTH_MOST) {
		/* Deeper than rsync was told to go: as if it held too much. */
		walk->sum->files = UINT64_MAX;
		walk->max_files = walk->max_files != 0 ? walk->max_files : 1;
		return;
	}
	fd = openat(parent, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		return;
	}
	walk->open[walk->depth] = fdopendir(fd);
	if (walk->open[walk->depth] == NULL) {
		close(fd);
		return;
	}
	walk->depth++;
}

static void
count(struct walk *walk, int parent, const char *name)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return;
	}
	walk->sum->files++;
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		walk->sum->octets += (uint64_t)st.st_size;
	} else if (S_ISDIR(st.st_mode)) {
		descend(walk, parent, name);
	}
}

int
footprint_measure(const char *dir, uint64_t max_octets, uint64_t max_files,
    struct footprint *out)
{
	struct walk walk = {
		.max_octets = max_octets,
		.max_files = max_files,
		.sum = out,
	};

	*out = (struct footprint){ 0 };
	walk.open[0] = opendir(dir);
	if (walk.open[0] == NULL) {
		return -errno;
	}
	walk.depth = 1;
	while (walk.depth > 0) {
		DIR *here = walk.open[walk.depth - 1];
		struct dirent *entry = passed(&walk) ? NULL : readdir(here);

		if (entry == NULL) {
			closedir(here);
			walk.depth--;
			continue;
		}
		count(&walk, dirfd(here), entry->d_name);
	}
	return 0;
}
