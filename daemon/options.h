/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options - reads the command line and the configuration file into settings.
 *
 * Both say no with one line that names the place, what is wrong there and
 * what would be right.
 */
#pragma once

#include <stdbool.h>

#include "daemon/setting.h"

struct options {
	enum command command; /* COMMANDS: none was named */
	/* Whose settings count: the command itself, or the one that config and
	 * help are asked about; COMMANDS: all. */
	enum command subject;
	int count; /* of what is left besides options */
	char **rest;
};

/*
 * kedge [options] command [options] [rest]. Reorders argv, as getopt does.
 * A command may only be missing where --help, --version or --tal was said.
 */
bool options_read_line(struct options *options, struct settings *all, int argc,
    char **argv, struct octets *why);

/*
 * `key = value`, the names of the options; a list repeats its key. What stands
 * before the first section or in [kedge] is for every command, a section with
 * the name of a command for that one only.
 */
bool options_read_file(struct settings *all, const char *path,
    enum command command, struct octets *why);

/* The same from octets; `path` is only for complaints. */
bool options_read_text(struct settings *all, const char *path,
    struct bytes text, enum command command, struct octets *why);
