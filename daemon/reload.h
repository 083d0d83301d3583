/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reload - settings that are read again while the server runs: a whole new task
 * and gate beside the old ones, taken between two steps or not at all.
 */
#pragma once

#include "daemon/service.h"

/* Have a worker read everything again; once more where one is at it. */
void reload_ask(struct service *service);

/* It came back: all of it is to be taken, soon, or nothing. */
void reload_come(struct service *service, struct errand *errand);

/* Take what was read, if something was and nobody uses what it replaces. */
void reload_take(struct service *service);
