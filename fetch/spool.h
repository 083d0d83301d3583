/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spool - octets on their way in: counted, digested, bounded.
 *
 * What is small stays in memory; what does not is written to a file without a
 * name, a piece of that size at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"

struct spool;

enum { SPOOL_HELD = 1 << 18 }; /* octets in memory, at most */

/* Takes at most `ceiling` octets; its file would be in dir. */
struct spool *spool_new(const char *dir, uint64_t ceiling);
/* For octets of our own: no ceiling, and nobody asks for their digest. */
struct spool *spool_new_own(const char *dir);
/* Keeps nothing: each piece goes to `taker` as it comes, for its length. */
typedef void spool_taker_fn(void *arg, struct bytes more);
struct spool *spool_new_passing(uint64_t ceiling, spool_taker_fn *taker,
    void *arg);
void spool_free(struct spool *spool);

/* 0; -EFBIG past the ceiling; -errno of the file. */
int spool_add(struct spool *spool, struct bytes more);
uint64_t spool_size(const struct spool *spool);
uint64_t spool_room(const struct spool *spool); /* how many more it takes */
/* SHA-256 of all so far; ends adding. */
void spool_digest(struct spool *spool, struct hash *out);
/* Back to the front, then read what was kept: octets read, 0 at the end,
 * -errno. */
void spool_rewind(struct spool *spool);
long spool_read(struct spool *spool, void *into, size_t room);
