/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keep - the state folder: what makes a restart go unnoticed.
 *
 * Two files (daemon/locker.h), written by one worker, so that the loop never
 * waits for a disk: "state" (daemon/kept.h) is written whole, aside, and
 * renamed; "ahead" (daemon/ahead.h) takes a short record for each serial in
 * between.
 *
 * What is promised: a session and serial that any router was told never comes
 * to mean another set. So a new serial is announced only once keep_ahead() came
 * back. It comes back when
 *
 *  - its record is on disk, so that a restart at any instant finds it; or
 *  - the files are gone from the disk, so that a restart draws new names; or
 *  - neither could be had (KEEP_RENAME): then the server itself must go on
 *    under names that the disk does not know, from keep_draw().
 *
 * A process that dies before that leaves at most a record no router heard of.
 * If it is whole, a restart serves that serial, which is new to everyone; if it
 * is not, it is cut. Serials therefore never go back within a session.
 */
#pragma once

#include "base/log.h"
#include "daemon/ahead.h"
#include "daemon/kept.h"

struct keep;

/* Of a folder that is there and that no other server uses. 0 or -errno. */
int keep_open(struct keep **out, const char *folder, struct log *log);

/*
 * What was kept. Files that are no good are set aside, with a line in the log,
 * and then there is nothing but new names and a serial far from others. A new
 * folder begins with serial 1. Once, before anything else is asked.
 */
void keep_load(struct keep *keep, struct kept *kept);

/*
 * Names nobody has heard, another for each version of the protocol (RFC 8210
 * 5.1), and unless it is NULL a serial to begin with. Session ids have 16 bits
 * only: that one comes back by chance does no harm as long as the serials of
 * the two lines lie far apart.
 */
void keep_draw(struct kept_ids *ids, uint32_t *serial);

/* The next serial under these names, which no router was told yet. Takes
 * references and copies of its own. */
void keep_ahead(struct keep *keep, const struct kept_ids *ids,
    const struct ahead_serial *next);

/* Write the state file; the newest wins when the disk is slow. Copies. */
void keep_save(struct keep *keep, const struct kept *kept);

enum keep_event {
	KEEP_NONE,
	KEEP_TOLD,   /* keep_ahead() is done: announce the serial */
	KEEP_RENAME, /* the same, but only under new names */
	KEEP_SAVED,  /* the state file has it */
	KEEP_FAILED, /* it has not; the log says why */
};

struct keep_news {
	enum keep_event event;
	uint32_t serial;
};

/* Readable when keep_hear() has something. */
int keep_bell(const struct keep *keep);
/* False when there is nothing more. */
bool keep_hear(struct keep *keep, struct keep_news *news);

/* Waits until everything asked for was tried. NULL is fine. */
void keep_close(struct keep *keep);
