/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rsync - bring one rsync module's tree up to date, or get one file.
 *
 * Runs the external program through the launcher into a folder of ours; what
 * it wrote is read only by store/import, or by rsync_file().
 */
#pragma once

#include <stdint.h>

#include "base/fault.h"
#include "base/limits.h"
#include "base/octets.h"
#include "fetch/launcher.h"

/* Octets by which a file may be larger than max_object and still come, so that
 * it is known why it is not taken. */
enum { RSYNC_SLACK = LIMIT_OBJECT_OCTETS };

struct rsync_config {
	struct launcher *launcher;
	size_t arg_count;
	const char *const *args; /* the operator's own, before "--" */
	unsigned connect_seconds, stall_seconds, total_seconds;
	uint64_t max_octets, max_files, max_object;
	bool by_content;  /* size and time of a file are not to be trusted */
	bool afresh;      /* what is not listed goes, though not all may be */
	int other_family; /* tried where nothing answers: of near_host() */
};

struct rsync_answer {
	int exit_code;
	bool partial; /* rsync-exit, and yet all that could be had came */
	char detail[256];
};

/*
 * Mirror `uri` (a module, or a folder below it) into `dir`, which is made when
 * absent. Its exit codes are those of rsync(1); any but 0 is a fault. With 23
 * and 24 rsync went to the end, but for files that could not be read or
 * vanished meanwhile. Faults: rsync-exit, rsync-timeout, rsync-limit.
 */
enum fault rsync_tree(const struct rsync_config *config, const char *uri,
    const char *dir, struct rsync_answer *answer);

/*
 * One file into memory by way of `dir`; rsync-object when too large,
 * rsync-missing when the server has no such file.
 */
enum fault rsync_file(const struct rsync_config *config, const char *uri,
    const char *dir, struct octets *out, struct rsync_answer *answer);
