/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * launcher - the one process that may execute rsync.
 *
 * Forked by the engine before its first thread and before it confines itself.
 * Workers ask it over a socketpair; each request becomes a child in its own
 * process group under a further Landlock layer that may write one folder.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct launcher;

struct launcher_config {
	const char *program;   /* looked up in PATH when it has no '/' */
	const char *rsync_dir; /* all destinations are below it */
	unsigned children;     /* at once */
};

int launcher_start(struct launcher **launcher,
    const struct launcher_config *config);
/*
 * End the process, by pid. Workers that wait for it get -EPIPE and may go on
 * asking; nothing is freed.
 */
void launcher_end(struct launcher *launcher);
/* The same, and free it: no worker may have it any more. */
void launcher_stop(struct launcher *launcher);

/* Its process; 0 for NULL. */
pid_t launcher_pid(const struct launcher *launcher);

struct launcher_order {
	const char *const *argv; /* ends with NULL; argv[0] is ignored */
	const char *dir;         /* the one folder the child may write */
	int64_t timeout_ms;
	uint64_t max_octets, max_files; /* looked at while it runs; 0: no */
};

struct launcher_answer {
	int exit_code; /* -1: killed or never started */
	bool timed_out, too_large;
	/* Last line of stderr that tells something; escaped. */
	char detail[256];
};

/* From any thread; waits for the child. 0 or -errno (launcher gone). */
int launcher_run(struct launcher *launcher, const struct launcher_order *order,
    struct launcher_answer *answer);
