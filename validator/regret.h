/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * regret - why an engine could not do what it was asked: its last words.
 */
#pragma once

struct regret {
	char text[512]; /* cut where longer; empty: there is none */
};

/* Returns 1, the code of an answer that is none. */
int regret_say(struct regret *regret, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
