/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * examine - `kedge inspect`: what an object is, and whether it validates.
 */
#pragma once

#include "payload/wire.h"
#include "validator/talk.h"
#include "validator/walk.h"

/* The object's octets when they were sent: rendered, to kedge. Nothing when it
 * is to be looked up in the store. */
void examine_show(const struct wire_inspect *wanted, struct talk *talk,
    struct arena *arena);

/* There is no store to judge by. The exit code. */
int examine_alone(const struct wire_inspect *wanted, struct talk *talk,
    struct arena *arena);

/* After a walk over what is kept: is it in, or which fault keeps it out?
 * 0: it validates; 1: it does not. */
int examine_answer(const struct walk *walk, const struct wire_inspect *wanted,
    struct talk *talk);
