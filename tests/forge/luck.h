/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * luck - what a mutant leaves to chance, and what it needs for that. The same
 * state gives the same luck on every machine.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct luck {
	uint64_t state;
	struct arena *arena;
	int64_t clock;
	char what[64]; /* what the last change was, beyond its name */
};

/* Any number below n. */
static inline size_t
luck_below(struct luck *luck, size_t n)
{
	uint64_t z = luck->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (size_t)((z ^ z >> 31) % n);
}
