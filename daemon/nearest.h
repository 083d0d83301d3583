/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nearest - "did you mean": the known word closest to one that is not known.
 */
#pragma once

#include "base/octets.h"

enum { NEAREST_WORD = 40 };

struct nearest {
	const char *given;
	unsigned best;
	char word[NEAREST_WORD]; /* empty: nothing near enough */
};

struct nearest nearest_start(const char *given);

/* A longer beginning of the same word is nearer than any misspelling. */
void nearest_offer(struct nearest *near, struct bytes word);

/* "; did you mean WORD?", or nothing. */
void nearest_say(const struct nearest *near, struct octets *out);
