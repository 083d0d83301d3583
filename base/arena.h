/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arena - memory with one lifetime: given out piece by piece, freed at once.
 *
 * Made for a job: everything decoded while judging one publication point lives
 * in the job's arena and dies with it.
 */
#pragma once

#include <stddef.h>

#include "base/bytes.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */

/* Zeroed memory for count items of size; lives until arena_free(). */
void *arena_zero(struct arena *arena, size_t count, size_t size);

/* A copy of octets or text that lives as long as the arena. */
struct bytes arena_copy(struct arena *arena, struct bytes octets);
char *arena_text(struct arena *arena, const char *text); /* NULL gives NULL */

/* printf into the arena, with a NUL. */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Forget everything given out, keep the first block for reuse. */
void arena_reset(struct arena *arena);
