/* SPDX-License-Identifier: BSD-2-Clause */
/* press - signs what the model says: octets for every item that is stale. */
#pragma once

#include "tests/forge/world.h"

/* Issue every stale point that is not frozen, on world->threads threads. */
void press_world(struct world *world);

/* Issue one item alone, for single fixtures. */
void press_item(const struct world *world, struct item *item);
