/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload - settings that are read again while the server runs: a whole new task
 * and gate beside the old ones, taken between two steps or not at all.
 */
#pragma once

#include "daemon/service.h"

/* Read everything again and take all of it, soon; or nothing, with *why. */
bool reload_ask(struct service *service, struct octets *why);

/* Take what was read, if something was and nobody uses what it replaces. */
void reload_take(struct service *service);
