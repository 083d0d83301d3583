/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * help - what --help says, of kedge or of one of its commands.
 */
#pragma once

#include "daemon/setting.h"

/* COMMANDS: of kedge itself. */
void help_print(struct octets *out, enum command command);

/* Which formats there are, and " Default: VALUE."; or nothing. */
void help_default(struct octets *out, enum setting_id id);
