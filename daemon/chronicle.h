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
 * The last few changes of VRPs that cover the prefix, or where that is NULL of
 * what the object gave: a line each, oldest first. Nothing where there is no
 * journal, or none.
 */
void chronicle_last(const char *folder, const struct ip_prefix *prefix,
    const char *uri, struct octets *out);

/*
 * The same as one JSON object, for HTTP: at most so many changes, and then
 * "truncated" is true and "next" the serial to go on from. An HTTP status: 200,
 * or another and *out is one line why.
 */
unsigned chronicle_json(const char *folder, const char *since,
    struct octets *out);
