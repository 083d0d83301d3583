/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alarm - a timer of the event loop that notes that its time has come, and
 * rings its owner up. The time that the machine sleeps counts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct alarm;
struct event_base;

/* *mark becomes true before `ring` is called; NULL: there is nothing to note.
 */
struct alarm *alarm_new(struct event_base *base, bool *mark,
    void (*ring)(void *arg), void *arg);
void alarm_free(struct alarm *alarm); /* NULL is fine */

/* Once, so many milliseconds from now; in place of what was set before. */
void alarm_set(struct alarm *alarm, int64_t ms);
/* As soon as the loop comes by. */
void alarm_soon(struct alarm *alarm);
void alarm_off(struct alarm *alarm);
bool alarm_pending(const struct alarm *alarm);
