/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bulletin - what `kedge status` prints: what a server and everything in it is
 * doing, since when, and what it waits for.
 */
#pragma once

#include "output/view.h"

struct bulletin {
	struct view_source source;
	int64_t state_seconds, up_seconds, run_seconds; /* for so long */
	int64_t failing; /* since when, where it is */
	const char *why; /* the last run failed, or NULL */
};

void bulletin_text(struct octets *out, const struct bulletin *bulletin);
