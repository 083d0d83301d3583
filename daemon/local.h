/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * local - how commands of the same machine ask a running server what HTTP can
 * be asked, whether or not it serves HTTP to anybody else.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/octets.h"

/* The socket's place in a state folder; lives in the arena. */
const char *local_path(const char *state, struct arena *arena);

/* Append `text` with everything escaped that a query may not hold. */
void local_escape(struct octets *out, const char *text);

/*
 * GET this path and query. True, and *out is the body, for a status of 200;
 * else *out is the reason, one line.
 */
bool local_get(const char *socket, const char *path, struct octets *out);
