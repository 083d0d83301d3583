/* SPDX-License-Identifier: BSD-2-Clause */
/* release - see release.h. */
#include "daemon/release.h"

static void
on_text(void *arg, struct bytes text)
{
	(void)task_print(arg, text);
}

int
release_run(struct task *task)
{
	struct supervise_end end = { .code = TASK_ERROR };

	if (!task_prepare(task)) {
		return TASK_ERROR;
	}
	task->policy.quarantine = true;
	task->policy.release = task->settings->at[SET_RELEASE].text;
	task->on_text = on_text;
	task->arg = task;
	return task_run(task, &end, NULL) ? TASK_GOOD : TASK_ERROR;
}
