/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chronicle - what the journal says, for people and programs.
 */
#pragma once

#include "daemon/journal.h"
#include "daemon/task.h"

/* `kedge changes`: reads the state folder, with or without a server. */
int chronicle_run(struct task *task);

/*
 * The same as one JSON object, for HTTP: at most so many changes, and then
 * "truncated" is true and "next" the serial to go on from. An HTTP status: 200,
 * or another and *out is one line why.
 */
unsigned chronicle_json(const char *folder, const char *since,
    struct octets *out);
