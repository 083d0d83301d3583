/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * status - how kedge does, for people and for scripts that know Routinator's
 * /status and /api/v1/status.
 */
#pragma once

#include "output/pen.h"
#include "output/still.h"

void status_write_json(struct pen *pen, const struct still *still);
