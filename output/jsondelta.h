/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jsondelta - what changed since a serial, or everything, in the shape of
 * Routinator's /json-delta: for those who follow the set over HTTP.
 */
#pragma once

#include "output/pen.h"
#include "payload/delta.h"

struct jsondelta {
	uint64_t session;
	uint32_t serial, from;
	int64_t now;
	const struct delta *delta;       /* NULL: everything, a reset */
	const struct snapshot *snapshot; /* when delta is NULL */
};

void jsondelta_write(struct pen *pen, const struct jsondelta *what);

/* {"session": N, "serial": N}: what /json-delta/notify answers. */
void jsondelta_write_notice(struct pen *pen, uint64_t session, uint32_t serial);
