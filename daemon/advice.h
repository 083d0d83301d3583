/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * advice - what to do instead, for who names an option that is not there.
 *
 * Each adds to a complaint that has begun.
 */
#pragma once

#include <stdbool.h>

#include "daemon/setting.h"

/* " `kedge NAME`, `kedge NAME`" of all commands that have it. */
void advice_commands(enum setting_id id, struct octets *why);

/* Another validator has this option or command, see foreign.def: "; what to
 * do", on the line or in a file of settings. False: none has. */
enum advice_place { ADVICE_LINE, ADVICE_FILE };
bool advice_foreign(const char *name, enum advice_place place,
    struct octets *why);

/* There is such an option, but not for this command: where it belongs. */
void advice_elsewhere(enum setting_id id, enum command command,
    struct octets *why);
