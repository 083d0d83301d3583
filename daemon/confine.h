/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * confine - a server gives up everything it will not need: it executes nothing,
 * connects to nobody, writes its state and outputs only, and reads only where
 * the files that it was told of lie, so that it can read them again.
 */
#pragma once

#include "daemon/task.h"

/*
 * Once the keeper is forked, and before the first thread. *bits as in
 * base/sandbox.h. False, with *why, where --require-sandbox asks for what this
 * kernel has not.
 */
bool confine(struct task *task, unsigned *bits, struct octets *why);

/*
 * A confined server reads its settings again: is every file that they name
 * within its reach, which cannot grow any more? False, with *why.
 */
bool confine_reads(const struct task *task, struct octets *why);
bool confine_writes(const struct task *task, struct octets *why);
