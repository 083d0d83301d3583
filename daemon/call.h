/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * call - the commands that speak to a running server: status, reload, run,
 * stop, guard.
 */
#pragma once

#include "daemon/task.h"

/* What a server says to "reloaded" until it knows. */
#define CALL_NOT_YET "not yet"

/* Exit codes. */
int call_guard(struct task *task); /* TASK_GUARDED while it holds */
int call_status(struct task *task);
int call_reload(struct task *task);
int call_run(struct task *task);
int call_stop(struct task *task);
