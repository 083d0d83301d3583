/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * story - reads what shall be published, line by line; see tests/forge/README.
 */
#pragma once

#include "tests/forge/world.h"

/*
 * Play the file and write every step below world->out. 0, or 1 after a
 * complaint on stderr that names the line.
 */
int story_play(struct world *world, const char *path);

/* Issue, write and judge what the world holds now: the next step. 0 or -errno.
 */
int story_step(struct world *world);

/* One command, already cut into words. False: complained of on stderr. */
bool story_tell(struct world *world, char **words, size_t count);
