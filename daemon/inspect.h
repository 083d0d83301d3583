/* SPDX-License-Identifier: BSD-2-Clause */
/* inspect - kedge inspect: show objects and whether they validate. */
#pragma once

#include "daemon/task.h"

/* TASK_GOOD when every one validates; TASK_ERROR otherwise. */
int inspect_run(struct task *task);
