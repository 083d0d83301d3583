/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kept - what a server must know again after a restart, and the file it is
 * kept in.
 *
 *	"kedgestt" version (4)
 *	frames: type (1) length (4) body
 *	the last frame: octets before it (8), their checksum (8)
 *
 * Sets are in frames of payload/wire.h, deltas are crates. The reader believes
 * nothing: whatever is damaged, cut off, foreign or from a later version is
 * refused whole, with a word why. Only the report may be missing: it is read
 * back by the same set of names for faults and counters alone.
 */
#pragma once

#include "daemon/journal.h"
#include "daemon/supply.h"
#include "output/pen.h"
#include "payload/account.h"
#include "payload/delta.h"
#include "payload/snapshot.h"
#include "rtr/pdu.h"

enum { KEPT_DELTAS = 1000 };

/* The names of the present line of serials. */
struct kept_ids {
	uint16_t rtr[PDU_VERSIONS];
	uint64_t json; /* of json-delta; below 2^53, for JavaScript's sake */
};

struct kept {
	struct kept_ids ids;
	uint32_t serial; /* of current; of the first set while there is none */
	/* As routers know it; NULL: none yet, and then no other either. */
	const struct snapshot *current;
	/* Before local policy, after the collapse guard; may be the same. */
	const struct snapshot *plain;
	size_t delta_count;
	const struct delta **deltas;     /* oldest first, the last leads here */
	const struct account *account;   /* of the last run, or NULL */
	int64_t last_run, last_complete; /* when they ended; 0: never */
	int64_t last_change;             /* of current */
	struct octets guard; /* payload/guard's memory; may be empty */
	/* Of the serials that came after the state was written, oldest first:
	 * what the journal must have of them. Not copied, nor written. */
	size_t note_count;
	struct journal_note *notes;
};

/* Everything counted or owned in it is let go of. */
void kept_clear(struct kept *kept);
/* References and copies of everything. */
void kept_copy(struct kept *to, const struct kept *from);

/* 0, or what the sink returned. */
int kept_write(const struct kept *kept, struct sink sink);

/* False when it is not a whole file of ours: *why is a word for the log, and
 * *kept is empty. */
bool kept_read(struct kept *kept, struct supply *supply, const char **why);
