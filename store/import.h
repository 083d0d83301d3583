/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * import - take an rsync tree into the object table and a module's mirror.
 *
 * Walks `dir` with openat2 (RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS): regular
 * files only; names that a checked URI could not carry are passed over. One
 * transaction: the mirror becomes exactly what the tree holds.
 *
 * A mirror's row remembers how its file looked (times of data and of inode,
 * inode, length). A file that still looks so is not read again, which makes an
 * import after an rsync run that brought nothing a matter of looking at inodes.
 * The price: octets changed on disk behind the kernel's back are not noticed
 * here. They would not be in the store either, whose own octets are hashed when
 * they are read and must have the hash that a manifest lists.
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
	uint64_t max_object; /* larger files are listed without their octets */
	uint64_t max_file;   /* still larger ones are passed over and counted */
	uint64_t max_files;  /* entries of any kind in the tree */
	uint64_t max_octets; /* of all files in it; 0: any number */
	size_t max_held;     /* new files kept in mind; others are read twice */
};

struct import_result {
	uint32_t objects; /* in the mirror afterwards */
	uint32_t added;   /* new, or with other octets than before */
	uint32_t removed, skipped;
	uint64_t octets; /* of files that were not as remembered */
	bool changed;
};

/* 0 or -errno; -EFBIG past max_files, max_octets, or a depth that rsync was not
 * to go to. After a failure the mirror is as it was. */
int import_tree(const struct import_job *job, struct import_result *result);
