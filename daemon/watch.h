/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watch - what a service owes by the clock alone: that what has ended leaves,
 * that nobody takes a stale set for a fresh one, and what the collapse guard
 * has to tell.
 */
#pragma once

#include "daemon/service.h"

/* A set was made ready: take over what the guard found, and say it. */
void watch_guard(struct service *service, struct publish *publish);
/* One line for each trust anchor that is held. */
void watch_guard_text(const struct service *service, struct octets *out);
/* Let go of what is held of a trust anchor. False, with why, when nothing is.
 */
bool watch_accept(struct service *service, const char *anchor,
    struct octets *out);

/* A set was made ready: what left it by age, and when does the next end? */
void watch_expiry(struct service *service, const struct expire *found);

/* Every tick: does the freshness contract still allow what is served? */
void watch_freshness(struct service *service);
/* Has somebody set the clock? Said once; what there is is made ready anew. */
bool watch_clock(struct service *service);
/* May routers connect? */
bool watch_open(const struct service *service);
