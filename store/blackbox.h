/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * blackbox - what each worker has in hand, in a file of the cache that outlives
 * the process, so that the next one knows what the last one died of.
 *
 * A worker notes what it takes up and lays it down again: a few stores into
 * shared memory. When the process dies of a signal of its own making, a handler
 * notes which thread it was; when it is killed, everything in hand is suspect.
 * What was suspect twice in a row is a culprit.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

enum { BLACKBOX_URI = 232, BLACKBOX_CULPRITS = 64 };

/* What may be in hand; as quarantine.h counts. */
enum blackbox_kind {
	BLACKBOX_OBJECT = 1, /* by the hash of its octets */
	BLACKBOX_DOCUMENT,   /* an RRDP file, by the hash of its octets */
	BLACKBOX_ANCHOR,     /* a TA certificate, by the hash of its octets */
	BLACKBOX_FETCH,      /* a repository, by quarantine_name() */
};

struct blackbox;
struct blackbox_slot; /* of one worker */

struct blackbox_item {
	uint32_t kind;
	struct hash name;
	char uri[BLACKBOX_URI]; /* cut to what fits */
};

/* What the file told of the processes before. */
struct blackbox_past {
	bool died;             /* the last one did not end as it should */
	int32_t signal;        /* of its own making; 0: not known */
	unsigned empty_deaths; /* in a row, with nothing in hand */
	unsigned count;
	struct blackbox_item culprits[BLACKBOX_CULPRITS];
};

/*
 * Read what is there, and begin anew. Where the file cannot be had the box
 * works all the same, but nothing outlives us.
 * Before the first thread; the run lock on the folder is the caller's.
 */
struct blackbox *blackbox_open(const char *dir, struct blackbox_past *past);

/* We are being ended by somebody else: whatever we die of is not its fault. */
void blackbox_excuse(struct blackbox *box);

/* This worker hangs: a culprit like one that crashed. */
void blackbox_blame(struct blackbox *box, const struct blackbox_slot *slot);

/* The process has done what it should. */
void blackbox_done(struct blackbox *box);

/* The same, and nobody uses a slot any more. NULL is fine. */
void blackbox_close(struct blackbox *box);

/* For the calling thread. NULL when there are too many. */
struct blackbox_slot *blackbox_slot(struct blackbox *box);

/* Either may be called with a NULL slot. */
void blackbox_hold(struct blackbox_slot *slot, unsigned kind,
    const struct hash *name, const char *uri);
void blackbox_release(struct blackbox_slot *slot);

/* The worker that holds one thing longest, since *since_ms by the monotonic
 * clock; NULL: none holds anything of this kind. */
const struct blackbox_slot *blackbox_oldest(const struct blackbox *box,
    unsigned kind, int64_t *since_ms);

/* What it holds. Only of a worker that hangs: any other may be writing it. */
void blackbox_look(const struct blackbox_slot *slot,
    struct blackbox_item *item);
