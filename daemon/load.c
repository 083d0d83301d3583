/* SPDX-License-Identifier: BSD-2-Clause */
/* load - see load.h. */
#include "daemon/load.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

bool
load_line(struct task *task, int argc, char **argv, struct octets *why)
{
	task->argc = argc;
	task->argv = argv;
	setting_init(task->settings, task->arena);
	return options_read_line(task->options, task->settings, argc, argv,
	    why);
}

bool
load_file(struct task *task, struct octets *why)
{
	static const char usual[] = KEDGE_SYSCONFDIR "/kedge.conf";
	const char *path = task->settings->at[SET_CONFIG].text;

	if (path == NULL && access(usual, F_OK) != 0) {
		return true;
	}
	return options_read_file(task->settings, path != NULL ? path : usual,
	    task->options->subject, why);
}

struct task *
load_again(const struct task *old, struct octets *why)
{
	struct task *task = mem_zero(1, sizeof(*task));

	task->arena = arena_new();
	task->settings = arena_zero(task->arena, 1, sizeof(*task->settings));
	task->options = arena_zero(task->arena, 1, sizeof(*task->options));
	task->log = old->log;
	task->log_level = old->log_level;
	task->engine = old->engine;
	if (!load_line(task, old->argc, old->argv, why) ||
	    !load_file(task, why) || !task_ready(task, why)) {
		load_free(task);
		return NULL;
	}
	return task;
}

void
load_free(struct task *task)
{
	if (task == NULL) {
		return;
	}
	slurm_free(task->exceptions);
	setting_clear(task->settings);
	arena_free(task->arena);
	free(task);
}
