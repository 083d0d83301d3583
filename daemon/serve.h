/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serve - `kedge server`: what must be done before nothing can be done any
 * more: sockets, the user, the keeper, the sandbox; then the service runs.
 */
#pragma once

#include "daemon/task.h"

/* Before any file is read: a signal that asks for a reload, a run or another
 * log file is heeded once the service runs, as what it is about may have been
 * read by then. */
void serve_hold_requests(void);

/* An exit code. */
int serve_run(struct task *task);
