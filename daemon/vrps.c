/* SPDX-License-Identifier: BSD-2-Clause */
/* vrps - see vrps.h. */
#include "daemon/vrps.h"

#include "daemon/targets.h"

static int
write_payload(struct task *task, const struct targets *targets,
    const struct supervise_end *end)
{
	struct filter filter;
	struct format_input input = {
		.snapshot = end->snapshot,
		.report = end->report,
		.filter = &filter,
		.now = task->policy.at != 0 ? (int64_t)task->policy.at
					    : end->report->finished,
	};

	targets_filter(&filter, task->settings);
	return targets_write(targets, &input, task->log) ? task_code(task, end)
							 : TASK_ERROR;
}

static bool
read_targets(struct task *task, struct targets *targets)
{
	struct octets why = { 0 };
	bool good = targets_read(targets, task->settings, "-", &why) &&
		    targets_can(targets, task->settings, &why);

	if (!good) {
		(void)task_refuse(task, &why);
	}
	octets_clear(&why);
	return good;
}

int
vrps_run(struct task *task)
{
	struct supervise_end end = { .code = TASK_ERROR };
	struct targets targets;
	int code = TASK_ERROR;

	if (read_targets(task, &targets) && task_prepare(task) &&
	    task_exceptions(task) && task_run(task, &end, NULL)) {
		task_shape(task, &end);
		code = write_payload(task, &targets, &end);
	}
	snapshot_put(end.snapshot);
	return code;
}
