/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * router - `kedge rtr`: ask a cache as a router does, and print what it holds
 * or, with --follow, what changes there.
 */
#pragma once

#include "daemon/task.h"

int router_run(struct task *task); /* an exit code */
