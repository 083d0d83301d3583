/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * truth - what a relying party must find, worked out from the story and never
 * from the octets.
 *
 * Warm is one that saw every step and kept the last good version of each
 * point; cold is one that begins at this step.
 *
 *	OUT/step-1/truth.csv truth-aspas.csv truth-routerkeys.csv	warm
 *	OUT/step-1/truth-cold.csv ...-cold.csv				cold
 */
#pragma once

#include "tests/forge/world.h"

/* Once after every step, in order. 0 or -errno. */
int truth_write(struct world *world);
