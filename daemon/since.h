/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * since - what came and went since a time or a serial, as the journal has it.
 *
 * Needs no server: the segments are read as they are, also while one is at
 * work.
 */
#pragma once

#include "daemon/journal.h"

enum since_kind { SINCE_ALL, SINCE_TIME, SINCE_SERIAL };
struct since {
	enum since_kind kind;
	int64_t when;    /* from then on */
	uint32_t serial; /* after it, of the newest session */
};

/* "4711" a serial, "2026-03-01T00:00:00Z" a time, "90m" or "2d" so long ago;
 * NULL is everything. */
bool since_read(struct since *since, const char *text, int64_t now);

/* Each change since then, oldest first. 0 or -errno; -ENOENT: no journal. */
int since_tell(const char *folder, const struct since *since, journal_ear *ear,
    void *arg);
