/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pulse - how far a walk is and what it waits for, for those who watch.
 */
#pragma once

#include "payload/wire.h"
#include "validator/walk.h"

void pulse_take(const struct walk *walk, struct wire_progress *progress);
