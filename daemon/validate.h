/* SPDX-License-Identifier: BSD-2-Clause */
/* validate - kedge validate: the RFC 6811 state of routes. */
#pragma once

#include "daemon/task.h"

int validate_run(struct task *task); /* an exit code */
