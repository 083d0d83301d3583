/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rota - when an engine begins its shift, and what becomes of what it brings:
 * a good run is followed by rest, a failed one by a pause that grows.
 */
#pragma once

#include "daemon/service.h"

/* For the shift: notes what an engine brings, and advances the service. */
struct shift_ears rota_ears(struct service *service);

/* Have an engine do a run. Only when none is at work. */
void rota_begin(struct service *service);

/* The engine is gone: take account of its run and plan the next. The state that
 * follows. */
enum service_state rota_finish(struct service *service);
