/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * release - `kedge quarantine`: what engines died of and is left alone, and how
 * it is tried again all the same.
 */
#pragma once

#include "daemon/task.h"

int release_run(struct task *task); /* an exit code */
