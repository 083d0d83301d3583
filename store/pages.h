/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pages - is this file one that LMDB can map without dying?
 *
 * LMDB trusts its file: a page size of zero divides by it, a file cut short is
 * SIGBUS. So the two root pages are looked at with plain reads first. What lies
 * deeper is not looked at here.
 */
#pragma once

#include <stdint.h>

/*
 * Look at dir/data.mdb. *held: octets that are its own, 0 when it was made but
 * never written to. -ENOENT: not there (an empty file counts as that); -ELOOP:
 * it or its lock file is a symbolic link; -EBADMSG: not a regular file, cut
 * short, or not what LMDB 0.9 writes here.
 */
int pages_check(const char *dir, uint64_t *held);

/* Make the file at least this long, with a hole; best effort. */
void pages_extend(int fd, uint64_t octets);
