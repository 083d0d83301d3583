/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hosting - who serves routers and people, on the terms that the settings tell.
 */
#pragma once

#include "daemon/service.h"

/* Once there is a history. */
void hosting_begin(struct service *s);
void hosting_end(struct service *s);

/* The settings are others: their terms hold from now on. */
void hosting_take(struct service *s);

/* The way by which routers come, in place of the one before. Takes the gate. */
void hosting_gate(struct service *s, struct gate *gate);
