/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate - lets only so many threads in at once; of those that wait the lightest
 * goes first, and of equals who came first.
 *
 * What is light is for the callers to say, all in the same measure. Who has
 * come by does not take the place of one that waits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gate;

struct gate *gate_new(unsigned places);
void gate_free(struct gate *gate); /* nobody is in; NULL is fine */

void gate_enter(struct gate *gate, uint64_t weight); /* waits */
void gate_leave(struct gate *gate);

/* Does one wait that is lighter than this? */
bool gate_wanted(struct gate *gate, uint64_t weight);
size_t gate_waiting(struct gate *gate);
