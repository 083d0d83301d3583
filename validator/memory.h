/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory - what a finished walk leaves for the next run.
 *
 * The last good manifest of each CA, the answers that may be given again, and
 * when repositories came that had nothing else to tell.
 */
#pragma once

#include "validator/walk.h"

/* 0 or -errno; what could not be kept is worked out again next time. `all`: it
 * has waited for every repository. */
int memory_keep(const struct walk *walk, bool all);
