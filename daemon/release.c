/* SPDX-License-Identifier: BSD-2-Clause */
/* release - see release.h. */
#include "daemon/release.h"

struct listing {
	struct task *task;
	bool any;
};

static void
on_text(void *arg, struct bytes text)
{
	struct listing *listing = arg;

	listing->any = listing->any || text.len > 0;
	(void)task_print(listing->task, text);
}

int
release_run(struct task *task)
{
	struct supervise_end end = { .code = TASK_ERROR };
	struct listing listing = { .task = task };
	struct octets none = { 0 };
	bool good;

	if (!task_prepare(task)) {
		return TASK_ERROR;
	}
	task->policy.quarantine = true;
	task->policy.release = task->settings->at[SET_RELEASE].text;
	task->on_text = on_text;
	task->arg = &listing;
	good = task_run(task, &end, NULL);
	if (good && task->policy.release == NULL) {
		task_say_none(listing.any, "nothing is in quarantine", &none);
		good = task_print(task, octets_bytes(&none));
	}
	octets_clear(&none);
	return good ? TASK_GOOD : TASK_ERROR;
}
