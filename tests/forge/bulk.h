/* SPDX-License-Identifier: BSD-2-Clause */
/* bulk - many CAs and ROAs with the shape of the real RPKI, for benchmarks. */
#pragma once

#include "tests/forge/world.h"

struct bulk {
	unsigned long cas, roas;
	unsigned anchors, hosts;
	const char *via; /* of every CA; NULL: as hosts have it */
	unsigned change; /* of a thousand ROAs, in a second step; 0: none */
};

/* 0 or 1 after a complaint. */
int bulk_play(struct world *world, const struct bulk *bulk);
