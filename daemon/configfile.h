/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * configfile - reads the configuration file into settings.
 *
 * It says no with one line that names file and line, what is wrong there and
 * what would be right.
 */
#pragma once

#include <stdbool.h>

#include "daemon/setting.h"

/*
 * `key = value`, the names of the options; a list repeats its key. What stands
 * before the first section or in [kedge] is for every command, a section with
 * the name of a command for that one only.
 */
bool configfile_read(struct settings *all, const char *path,
    enum command command, struct octets *why);

/* The same from octets; `path` is only for complaints. */
bool configfile_read_text(struct settings *all, const char *path,
    struct bytes text, enum command command, struct octets *why);
