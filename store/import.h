/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * import - take an rsync tree into the object table and a module's mirror.
 *
 * Walks `dir` with openat2 (RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS): regular
 * files only; names that a checked URI could not carry are passed over. One
 * transaction: the mirror becomes exactly what the tree holds.
 */
#pragma once

#include <stdint.h>

#include "base/log.h"
#include "store/store.h"

struct import_job {
	struct store *store;
	const char *dir;
	const char *base;    /* URI that dir stands for, ends with '/' */
	uint32_t number;     /* of the repository row */
	uint64_t max_object; /* larger files are passed over and counted */
	uint64_t max_files;
};

struct import_result {
	uint32_t objects, added, removed, skipped;
	bool changed;
};

/* 0 or -errno; -EFBIG past max_files. */
int import_tree(const struct import_job *job, struct import_result *result);
