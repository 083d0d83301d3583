/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree - the regular files below a folder that others filled.
 *
 * No link is followed, nothing but regular files is ever opened, and neither
 * depth nor number nor length of names is theirs to choose.
 */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "base/octets.h"

struct tree_file {
	int dir;          /* the folder that it is in */
	const char *name; /* in that folder */
	const char *path; /* from the top, without a '/' in front */
	const struct stat *st;
};

struct tree_limits {
	uint64_t entries; /* of any kind; more is -EFBIG */
	uint64_t octets;  /* of all files; more is -EFBIG. 0: any number */
	uint64_t path;    /* octets; what is longer is passed over */
};

/* What was not a regular file, or had too long a path, is passed over and
 * counted; folders within more than LIMIT_RSYNC_FOLDERS are -EFBIG, since what
 * is in there would be in no count. A non-zero return of `each` ends the walk
 * and is returned. */
typedef int tree_each_fn(void *arg, const struct tree_file *file);
int tree_walk(const char *dir, const struct tree_limits *limits,
    uint32_t *passed_over, tree_each_fn *each, void *arg);

/*
 * All octets of a file, at most as many as file->st says there are. -ESTALE:
 * it is not that file any more, or was written to meanwhile.
 */
int tree_read(const struct tree_file *file, struct octets *out);
