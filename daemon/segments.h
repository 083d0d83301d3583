/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * segments - the numbered files of a journal in their folder.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"

enum segments_for { SEGMENTS_READ, SEGMENTS_WRITE };

struct segments {
	char *folder; /* for the log; owned */
	int dir;
	size_t count, room;
	uint32_t *numbers; /* ascending */
};

/* Of a state folder; for writing the journal's own folder is made. 0 or
 * -errno. Whatever came back, segments_close() clears. */
int segments_open(struct segments *segments, const char *state,
    enum segments_for purpose);
void segments_close(struct segments *segments);

/* All octets of the i-th, or about so many, appended. 0 or -errno. */
int segments_load(const struct segments *segments, size_t i, uint64_t most,
    struct octets *out);

/* A descriptor for writing, or -errno: of a new one, of the newest. */
int segments_next(struct segments *segments);
int segments_reopen(const struct segments *segments);
/* Remove the newest, in which nothing could be written. */
void segments_undo(struct segments *segments);

/* Drop the oldest while all together are larger; the newest stays. */
void segments_trim(struct segments *segments, uint64_t size);
