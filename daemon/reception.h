/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reception - where a running service is asked: what it shows of itself, and
 * the verbs of the control socket. `arg` is the service throughout.
 */
#pragma once

#include "base/octets.h"
#include "output/view.h"

/* As struct view_source wants them. */
void reception_look(void *arg, struct view *view);
void reception_routers(void *arg, view_router_fn *each, void *each_arg);

/* As control.h wants it. */
bool reception_answer(void *arg, const char *line, struct octets *out);
