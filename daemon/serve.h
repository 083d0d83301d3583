/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serve - `kedge server`: what must be done before nothing can be done any
 * more: sockets, the user, the keeper, the sandbox; then the service runs.
 */
#pragma once

#include "daemon/task.h"

/* An exit code. */
int serve_run(struct task *task);
