/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load - from command line and configuration file to a task that can run; for
 * the start, and for a server that reads everything again.
 */
#pragma once

#include "daemon/task.h"

/* The words of the command line alone: enough for help and version. */
bool load_line(struct task *task, int argc, char **argv, struct octets *why);

/* The file as well: the one that was named, else the usual one if there is. */
bool load_file(struct task *task, struct octets *why);

/*
 * The same words and the files as they are now, trust anchors, host lists and
 * local exceptions included; the log stays the same. NULL, with *why, when
 * something is not good, or would be taken at a start alone.
 */
struct task *load_again(const struct task *task, struct octets *why);

/* How much is logged. */
enum log_level load_level(const struct settings *all);

void load_free(struct task *task); /* what load_again() gave; NULL is fine */
