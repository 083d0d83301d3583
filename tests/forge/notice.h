/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notice - the RRDP side of a host: notification, snapshot and deltas, spoiled
 * where the story says so.
 */
#pragma once

#include "tests/forge/world.h"

/*
 * Take the files (their array too), make a delta from what the host had
 * before, write everything below OUT/step-N/https/HOST/. 0 or -errno.
 */
int notice_publish(struct world *world, struct host *host, struct files *files);

/* Next time a new session begins. */
void notice_new_session(struct host *host);

/* False: no such file or way of spoiling it. "mend" takes all back. */
bool notice_spoil(struct world *world, struct host *host, const char *what,
    const char *how);
