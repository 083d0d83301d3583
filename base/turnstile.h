/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turnstile - lets only so many threads in at once; of those that wait the
 * lightest goes first, and of equals who came first.
 *
 * What is light is for the callers to say, all in the same measure. Who has
 * come by does not take the place of one that waits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct turnstile;

struct turnstile *turnstile_new(unsigned places);
/* Nobody is in. NULL is fine. */
void turnstile_free(struct turnstile *turnstile);

void turnstile_enter(struct turnstile *turnstile, uint64_t weight); /* waits */
void turnstile_leave(struct turnstile *turnstile);

/* Does one wait that is lighter than this? */
bool turnstile_wanted(struct turnstile *turnstile, uint64_t weight);
size_t turnstile_waiting(struct turnstile *turnstile);
