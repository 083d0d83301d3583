/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live - which objects does anything name? A set for one sweep.
 *
 * Holds eight octets of each hash: who grinds out two objects that agree in
 * those keeps one of them alive, and that is all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "store/kv.h"

/* Of repositories. */
struct live_numbers {
	uint32_t *at;
	size_t count, room;
};

struct live {
	uint64_t *objects;
	size_t object_count, object_room;
	struct live_numbers known;   /* those that have a row */
	struct live_numbers orphans; /* mirrors whose repository has none */
	struct live_numbers wanting; /* those that list what is not there */
};

/* Zero-initialise. What mirrors of known repositories and last good manifests
 * name now. 0 or -errno, and then to be cleared all the same. */
int live_gather(struct live *live, struct kv_txn *txn);
bool live_has(const struct live *live, const struct hash *hash);
void live_clear(struct live *live);
