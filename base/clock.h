/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock - the only place that asks what time it is.
 *
 * Wall time is seconds since 1970 UTC in an int64_t, which spans all that
 * GeneralizedTime can say. What is by a clock that never goes back says so by
 * its name's end: `_ms`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { CLOCK_TEXT = 32 };

struct clock_civil {
	int year; /* 0..9999 */
	int month, day, hour, minute, second;
};

int64_t clock_wall(void);
int64_t clock_mono_ms(void);   /* never goes back; for intervals */
int64_t clock_age_ms(void);    /* the same; counts while the machine sleeps */
int64_t clock_cpu_us(void);    /* CPU time of this process, user and system */
int64_t clock_thread_us(void); /* of this thread */

/*
 * What this thread took since the lap before. A clock that costs no system call
 * says when that is so little that it need not be known better; what it says
 * too much is taken off later.
 */
struct clock_lap {
	int64_t thread_us, mono_us;
};
struct clock_lap clock_lap_begin(void);
uint64_t clock_lap_us(struct clock_lap *lap);

/* False when no such day or time exists (leap seconds do not). */
bool clock_from_civil(const struct clock_civil *civil, int64_t *out);
void clock_to_civil(int64_t when, struct clock_civil *civil);

/* "2026-03-01T00:00:00Z". */
void clock_text(int64_t when, char out[CLOCK_TEXT]);

/* The same form, or decimal seconds since 1970. */
bool clock_parse(int64_t *out, struct bytes text);

void clock_sleep_ms(int64_t ms);

/* Unpredictable octets from the kernel. */
void clock_random(void *out, size_t len);
