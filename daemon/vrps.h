/* SPDX-License-Identifier: BSD-2-Clause */
/* vrps - kedge vrps: run once and write the payload in any formats. */
#pragma once

#include "daemon/task.h"

int vrps_run(struct task *task); /* an exit code */
