/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options - reads the command line into settings.
 *
 * It says no with one line that names the word, what is wrong with it and
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
