/* SPDX-License-Identifier: BSD-2-Clause */
/* inspect - kedge inspect: show objects and whether they validate. */
#pragma once

#include "daemon/task.h"

/*
 * TASK_GOOD when every one validates, TASK_ERROR when one does not or could
 * not be read, else 2: nothing is wrong with one, but nothing in the cache
 * makes it valid either.
 */
int inspect_run(struct task *task);
