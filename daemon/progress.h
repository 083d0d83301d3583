/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * progress - one line on a terminal that tells what a run is doing.
 */
#pragma once

#include <stdbool.h>

#include "payload/wire.h"

struct progress {
	int fd;       /* the terminal */
	bool on;      /* off: nothing is ever written */
	bool painted; /* a line stands there */
	int64_t started_ms;
	int64_t shown_ms; /* when it was painted last */
	struct wire_progress last;
};

enum progress_wish { PROGRESS_IF_TERMINAL, PROGRESS_NEVER };

void progress_begin(struct progress *progress, int fd, enum progress_wish wish);

/* What the engine said, or NULL when only time has passed. */
void progress_note(struct progress *progress, const struct wire_progress *news);

/* Wipe the line, so that something else can be written. */
void progress_wipe(struct progress *progress);
