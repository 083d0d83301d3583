/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bridge - `kedge rtr-stdio`: joins stdin and stdout, where sshd has put a
 * router, to the socket in the file system where a server listens. It looks at
 * nothing that passes.
 */
#pragma once

#include "daemon/task.h"

int bridge_run(struct task *task); /* an exit code */
