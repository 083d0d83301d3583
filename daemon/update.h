/* SPDX-License-Identifier: BSD-2-Clause */
/* update - kedge update: bring the cache up to date, print nothing. */
#pragma once

#include "daemon/task.h"

int update_run(struct task *task); /* an exit code */
