/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slurp - read a whole small file that the operator named.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/octets.h"

/*
 * Append the octets of the file ("-": standard input) to *out. False when it
 * cannot be read, is a folder or holds more than `most`; *why says which.
 */
bool slurp_file(struct octets *out, const char *path, size_t most,
    struct octets *why);

/* The same, but a pipe is waited for some seconds only: for what a server reads
 * while it serves. */
bool slurp_soon(struct octets *out, const char *path, size_t most,
    struct octets *why);
