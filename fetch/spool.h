/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spool - octets on their way in: counted, digested, bounded, on disk.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"

struct spool;

/* An unlinked file in dir that may hold at most `ceiling` octets. */
int spool_open(struct spool **spool, const char *dir, uint64_t ceiling);
/* For octets of our own: no ceiling, and nobody asks for their digest. */
int spool_open_own(struct spool **spool, const char *dir);
void spool_free(struct spool *spool);

/* -EFBIG past the ceiling. */
int spool_add(struct spool *spool, struct bytes more);
uint64_t spool_size(const struct spool *spool);
uint64_t spool_room(const struct spool *spool); /* how many more it takes */
/* SHA-256 of all so far; ends adding. */
void spool_digest(struct spool *spool, struct hash *out);
/* Back to the front, then read: octets read, 0 at the end, -errno. */
int spool_rewind(struct spool *spool);
long spool_read(struct spool *spool, void *into, size_t room);
