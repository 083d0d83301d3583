/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gazette - an RRDP document in the hand: what it says, on a sheet.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "validator/sheet.h"

/* Notification, snapshot or delta: what it announces or changes. What was read
 * before a fault is on the sheet. */
enum fault gazette_show(struct bytes octets, struct sheet *sheet,
    struct arena *arena);
