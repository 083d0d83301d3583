/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leftover - rsync trees that no repository needs.
 *
 * A tree is kept so that the next run need not bring it again. One whose
 * repository is forgotten, that never came whole, or that nobody asks for any
 * more, only takes room.
 */
#pragma once

#include <stdint.h>

#include "base/log.h"
#include "store/met.h"
#include "store/store.h"

/* Removes them, and adds to *removed how many. What cannot be removed is logged
 * and stays. 0 or -errno. */
int leftover_drop(struct store *store, int64_t now, const struct met *met,
    struct log *log, uint64_t *removed);
