/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manual - everything that is written from the options table: help, the
 * configuration in effect, the pages of the manual.
 */
#pragma once

#include "daemon/setting.h"

/* COMMANDS: the help of kedge itself. */
void manual_help(struct octets *out, enum command command);

/* In the syntax of the file, with where each value comes from. */
void manual_config(struct octets *out, const struct settings *all);

/* "kedge" (section 1) or "kedge.conf" (section 5). False: no such page. */
bool manual_page(struct octets *out, const char *name);
