/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * footprint - how much a folder holds, without following a link.
 */
#pragma once

#include <stdint.h>

struct footprint {
	uint64_t octets; /* of regular files, as their sizes say */
	uint64_t files;  /* everything that has a name, folders too */
};

/*
 * Measure what is below `dir`; stops early once either ceiling (0: none) is
 * passed. What vanishes meanwhile does not count. 0 or -errno of `dir` itself.
 */
int footprint_measure(const char *dir, uint64_t max_octets, uint64_t max_files,
    struct footprint *out);
