/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shelf - puts what was issued where servers find it.
 *
 *	OUT/tals/alpha.tal
 *	OUT/step-1/rsync/HOST/alpha/one.roa	a module a host
 *	OUT/step-1/https/HOST/notification.xml	and snapshot, deltas
 *	OUT/step-1/at				when the step is
 */
#pragma once

#include "tests/forge/world.h"

/* 0 or -errno. */
int shelf_tals(const struct world *world);
int shelf_step(struct world *world);

/* Write a file, making folders on the way. 0 or -errno. */
int shelf_write(const char *path, struct bytes octets);

/*
 * The same for what servers show, as of the story's clock: rsync and ETags tell
 * files apart by their times.
 */
int shelf_publish(const struct world *world, const char *path,
    struct bytes octets);
