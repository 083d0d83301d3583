/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file - a file replaced whole or not at all: written aside, synced, renamed.
 * What somebody who was killed left aside is removed at the next writing.
 *
 * Also a sink for a descriptor that is already open, such as stdout. What is
 * no regular file (/dev/null, a pipe) is written to as it is.
 */
#pragma once

#include "output/pen.h"

struct file;

/*
 * Begin to replace path; NULL or "-" writes to stdout as it goes. A file that
 * is there keeps its mode; a new one gets 0644 and the umask.
 */
int file_open(struct file **out, const char *path); /* 0 or -errno */

/* The same for one who cannot wait: a pipe that nobody reads from fails, at
 * once (-ENXIO) or where its reader takes nothing for a while (-ETIMEDOUT). */
int file_open_hasty(struct file **out, const char *path);

/* Where to write; the first failure sticks and file_close() returns it. */
struct sink file_sink(struct file *file);

/* Sync and rename, unless a write failed. Frees; 0 or -errno, and then what
 * stood at path before still stands. Whether a power cut may still undo the
 * rename is not told: who depends on that syncs the folder. */
int file_close(struct file *file);

/* Leave what stood there, remove what was written. Frees; NULL is fine. */
void file_abandon(struct file *file);
