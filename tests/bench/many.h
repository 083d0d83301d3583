/* SPDX-License-Identifier: BSD-2-Clause */
/* many - payload by the million, the same for the same seed. */
#pragma once

#include "payload/builder.h"

uint32_t many_next(uint32_t *seed);
struct vrp many_vrp(uint32_t *seed);

/* So many VRPs of two fifths as many ROAs, which end at `expires`. */
struct builder *many_build(uint32_t vrps, uint32_t seed, int64_t expires);
