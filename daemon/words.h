/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words - what an engine says on its standard error: passed on to ours, and
 * the last line kept, for engines that leave without another word.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { WORDS_LINE = 256 };

struct words {
	int fd; /* to be read, without waiting; owned. -1: closed */
	bool ended;
	size_t len;
	char line[WORDS_LINE]; /* the last that was not empty; NUL-ended */
};

void words_init(struct words *words, int fd); /* takes the descriptor */
void words_clear(struct words *words);

/* Read what there is, once. False: nothing is there, or will be. */
bool words_hear(struct words *words);
