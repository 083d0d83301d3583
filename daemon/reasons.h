/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reasons - `kedge explain`: why a route or an object stands as it does, as a
 * running server answers it, told for people.
 */
#pragma once

#include "daemon/task.h"

int reasons_run(struct task *task); /* an exit code */
