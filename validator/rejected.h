/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rejected - the resources of all CAs whose points were rejected, together.
 *
 * What else is said of them may be only a part of what their holders wanted
 * said: such payload is called unsafe.
 */
#pragma once

#include "validator/walk.h"

/* Sorted, joined, in the walk's arena. */
void rejected_collect(const struct walk *walk, struct resources *out);
