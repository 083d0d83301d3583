/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * entry - what the journal holds of one serial, as octets: a head and its
 * changes, cut into records so that damage costs no more than one of them.
 *
 *	records: length (4) checksum (8) body
 *	body: head changes, each change a run of octets
 *
 * Pure. The reader believes nothing.
 */
#pragma once

#include "base/cursor.h"
#include "daemon/journal.h"

/* Append one change to the changes of an entry. */
void entry_change(struct octets *changes, const struct change *change);

/* Append the records of an entry; one of the head alone, where there are no
 * changes. */
void entry_put(struct octets *out, const struct journal_head *head,
    struct bytes changes);

/* The body of the next record; false where those that hold end. */
bool entry_next(struct cursor *c, struct bytes *body);

/* Whose it is; false when it is no body. */
bool entry_head(struct bytes body, struct journal_head *head);

/* What a body says, to the ear; what is between is in the arena, which is reset
 * after each change. False when the ear wants no more. */
bool entry_tell(struct bytes body, journal_ear *ear, void *arg,
    struct arena *arena);
