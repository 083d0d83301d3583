/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * retain - the part of the service that outlives it: what is kept in the state
 * folder, and that no router hears of a serial before the folder does.
 */
#pragma once

#include "daemon/service.h"

/* Take up what was kept, and with it the history; before there is a feed. */
void retain_begin(struct service *service);
void retain_end(struct service *service);

/* May what was made ready be told to routers? Asks for it the first time; when
 * false, the service is advanced again once it may. */
bool retain_told(struct service *service);

/* What was told: into the journal. Takes the changes. */
void retain_note(struct service *service, struct octets *changes);

/* Write the state: now, as for the first set, which is told with nothing ahead
 * of it; or when routers have had their time, at the latest at the end. */
void retain_save(struct service *service);
void retain_save_later(struct service *service);
