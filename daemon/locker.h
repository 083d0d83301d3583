/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * locker - the two files of the state folder by which a restart goes: "state"
 * (daemon/kept.h) and "ahead" (daemon/ahead.h), and what is known of them.
 *
 * Whoever calls waits for the disk: once to load, and then on the keep's worker
 * alone. When the disk begins to fail the log says so once, and once when it
 * does not any more.
 */
#pragma once

#include "base/log.h"
#include "daemon/ahead.h"
#include "daemon/kept.h"

struct locker;

/* Of a folder that is there and that no other server uses. 0 or -errno. */
int locker_open(struct locker **out, const char *folder, struct log *log);
void locker_close(struct locker *locker); /* NULL is fine */

enum locker_found {
	LOCKER_NEW,  /* it never held a state: no router heard of any */
	LOCKER_KEPT, /* *kept is what routers know */
	LOCKER_LOST, /* what routers know cannot be told; *kept is cleared */
};

/* Files that are no good are set aside, with a line in the log. */
enum locker_found locker_load(struct locker *locker, struct kept *kept);

/* A first state, so that it is new but once. False when it is not written. */
bool locker_begin(struct locker *locker, const struct kept *kept);

/* Put a serial that follows the one before ahead of the state, or else remove
 * both files; without a state under the same names there is nothing to do.
 * False when neither could be had. */
bool locker_ahead(struct locker *locker, const struct kept_ids *ids,
    const struct ahead_serial *next);

/* Write the state, unless a newer serial was put ahead since: then a newer one
 * follows. False, with a line in the log, when it could not be written. */
bool locker_save(struct locker *locker, const struct kept *kept);
