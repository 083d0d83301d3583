/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder - make and unmake folders whose content is not to be trusted.
 *
 * What others wrote may hold links, special files and thousands of levels:
 * nothing is followed, and no step needs more memory or descriptors for a
 * deeper tree.
 */
#pragma once

/* As `mkdir -p` does it. 0 or -errno. */
int folder_make(const char *path);

/* A folder in `dir`, made when it is not there; a descriptor or -errno:
 * -ENOTDIR when anything else, a link included, stands there. */
int folder_open(int dir, const char *name);

/* Remove whatever has this name. 0 also when there is nothing. */
int folder_remove(int dir, const char *name);

/* Each name in the folder but "." and ".."; a non-zero return ends the walk
 * and is returned. Names made meanwhile may or may not come. */
typedef int folder_each_fn(void *arg, int dir, const char *name);
int folder_each(int dir, folder_each_fn *each, void *arg);
