/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * task - what every command works with: settings, log, policy; and one run of
 * the engine with progress shown.
 */
#pragma once

#include "daemon/options.h"
#include "daemon/progress.h"
#include "daemon/supervise.h"
#include "daemon/targets.h"
#include "payload/slurm.h"

enum { /* how kedge ends */
	TASK_GOOD = 0,
	TASK_ERROR = 1,
	TASK_INCOMPLETE = 2, /* only with --complete */
	TASK_GUARDED = 3,    /* the collapse guard holds */
};

struct task {
	struct arena *arena;
	struct settings *settings;
	struct options *options;
	int argc; /* of the command line, to be read again */
	char **argv;
	struct log *log;
	enum log_level log_level;
	bool log_aside;     /* it does not go to standard error */
	const char *engine; /* path of the program, */
	const char *judge;  /* and of the one for runs that fetch nothing */
	struct policy policy;
	struct slurm *exceptions; /* NULL: none */
	struct targets *targets;  /* what a server writes; in the arena */
	struct progress progress;
	/* For inspect alone. */
	void (*on_text)(void *arg, struct bytes text);
	bool (*on_next)(void *arg, struct wire_look *look);
	void *arg;
};

/* Put trust anchors and host lists into the policy; complaints are logged. */
bool task_prepare(struct task *task);

/* All that a server needs: the same, local exceptions, and files to write. The
 * complaint goes to *why. */
bool task_ready(struct task *task, struct octets *why);

/*
 * Let the engine do it: a run, or with `inspect` a look at objects. Says in
 * the log why it failed; false then.
 */
bool task_run(struct task *task, struct supervise_end *end,
    const struct wire_inspect *inspect);

/* Read the local exceptions; false, logged, when one is not good. */
bool task_exceptions(struct task *task);

/*
 * Apply the local policy to the set: length limits and exceptions. Says in the
 * log what it removed and added.
 */
void task_shape(struct task *task, struct supervise_end *end);

/* TASK_INCOMPLETE where --complete was said and the run was not. */
int task_code(const struct task *task, const struct supervise_end *end);

/* Where there is nothing to print, say so to people; programs read nothing. */
void task_say_none(bool any, const char *sentence, struct octets *text);

/* Write to the standard output. False when it cannot take it; logged, unless
 * its reader has left. */
bool task_print(struct task *task, struct bytes text);
/* How a command ends, and *text is cleared: with an answer, printed; with a
 * line that says why there is none, logged (TASK_ERROR). */
int task_answer(struct task *task, struct octets *text);
int task_refuse(const struct task *task, struct octets *why);
