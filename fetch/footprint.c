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
struct survey {
	DIR *open[DEPTH_MOST];
	unsigned depth;
	uint64_t max_octets, max_files;
	struct footprint *sum;
};

static bool
passed(const struct survey *survey)
{
	return (survey->max_octets != 0 &&
		   survey->sum->octets > survey->max_octets) ||
	       (survey->max_files != 0 &&
		   survey->sum->files > survey->max_files);
}

static void
descend(struct survey *survey, int parent, const char *name)
{
	int fd;

	if (survey->depth == DEPTH_MOST) {
		/* Deeper than rsync was told to go: as if it held too much. */
		survey->sum->files = UINT64_MAX;
		survey->max_files =
		    survey->max_files != 0 ? survey->max_files : 1;
		return;
	}
	fd = openat(parent, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		return;
	}
	survey->open[survey->depth] = fdopendir(fd);
	if (survey->open[survey->depth] == NULL) {
		close(fd);
		return;
	}
	survey->depth++;
}

static void
count(struct survey *survey, int parent, const char *name)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return;
	}
	survey->sum->files++;
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		survey->sum->octets += (uint64_t)st.st_size;
	} else if (S_ISDIR(st.st_mode)) {
		descend(survey, parent, name);
	}
}

int
footprint_measure(const char *dir, uint64_t max_octets, uint64_t max_files,
    struct footprint *out)
{
	struct survey survey = {
		.max_octets = max_octets,
		.max_files = max_files,
		.sum = out,
	};

	*out = (struct footprint){ 0 };
	survey.open[0] = opendir(dir);
	if (survey.open[0] == NULL) {
		return -errno;
	}
	survey.depth = 1;
	while (survey.depth > 0) {
		DIR *here = survey.open[survey.depth - 1];
		struct dirent *entry = passed(&survey) ? NULL : readdir(here);

		if (entry == NULL) {
			closedir(here);
			survey.depth--;
			continue;
		}
		count(&survey, dirfd(here), entry->d_name);
	}
	return 0;
}
