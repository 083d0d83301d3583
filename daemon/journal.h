/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journal - what came and went at each serial, when and why: append-only on
 * disk, and bounded.
 *
 * Segments "journal/NNNNNNNN" in the state folder, the oldest dropped when all
 * together pass the size:
 *
 *	"kedgejnl" version (4) records of entries (daemon/entry.h)
 *
 * A worker appends; a record that does not hold ends its segment for readers,
 * and is cut at the next start. A disk that is full stops the journal, with one
 * line in the log, and nothing else. daemon/since.h reads.
 */
#pragma once

#include "base/log.h"
#include "base/octets.h"
#include "payload/causes.h"

struct journal;

/* In a state folder that is there; size 0: no journal. 0 or -errno. */
int journal_open(struct journal **out, const char *folder, uint64_t size,
    struct log *log);
void journal_close(struct journal *journal); /* writes what it was given */

struct journal_head {
	uint64_t session; /* of json-delta */
	uint32_t serial;
	int64_t when;
	uint64_t totals[ITEM_KINDS]; /* items there are now */
};

/* Encoded as the body of records, in a worker; the head is journal_add()'s. */
void journal_encode(struct octets *out, const struct change *changes,
    size_t count);
/* Takes the octets. */
void journal_add(struct journal *journal, const struct journal_head *head,
    struct octets *changes);

/* One serial as it is to be in the journal; owns its octets. */
struct journal_note {
	struct journal_head head;
	struct octets changes;
};

/* Those who died before they had written down what they had told: entries that
 * are not there or not whole are written, oldest first. Before any other is
 * added; takes the octets. */
void journal_mend(struct journal *journal, struct journal_note *notes,
    size_t count);
/* NULL is fine. */
void journal_drop(struct journal_note *notes, size_t count);

/* False stops it. The change lives until it returns; it is NULL where a serial
 * is told of without its changes: a first set, or one too large. */
typedef bool journal_ear(void *arg, const struct journal_head *head,
    const struct change *change);

/* The records of one segment, to the ear or, when it is NULL, only to count:
 * how many octets held. */
size_t journal_walk(struct bytes segment, journal_ear *ear, void *arg);
