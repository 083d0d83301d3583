/* SPDX-License-Identifier: BSD-2-Clause */
/* update - see update.h. */
#include "daemon/update.h"

int
update_run(struct task *task)
{
	struct supervise_end end;
	int code = TASK_ERROR;

	if (task_prepare(task) && task_run(task, &end, NULL)) {
		log_info(task->log, "%zu VRPs, %zu router keys, %zu ASPAs",
		    snapshot_vrps(end.snapshot),
		    snapshot_router_keys(end.snapshot),
		    snapshot_aspas(end.snapshot));
		code = task_code(task, &end);
		snapshot_put(end.snapshot);
	}
	return code;
}
