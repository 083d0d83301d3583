/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manual - what is written from the options table besides --help: the
 * configuration in effect and the pages of the manual.
 */
#pragma once

#include "daemon/setting.h"

/* In the syntax of the file, with where each value comes from. */
void manual_config(struct octets *out, const struct settings *all);

/* "kedge" (section 1) or "kedge.conf" (section 5). False: no such page. */
bool manual_page(struct octets *out, const char *name);
