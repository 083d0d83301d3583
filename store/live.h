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

struct live {
	uint64_t *objects;
	size_t object_count, object_room;
	uint32_t *orphans; /* mirrors whose repository has no row */
	size_t orphan_count, orphan_room;
	uint32_t *wanting; /* repositories that list what is not there */
	size_t wanting_count, wanting_room;
	uint32_t *numbers; /* of all repositories */
	size_t number_count, number_room;
};

/* What mirrors of known repositories and last good manifests name now. */
int live_gather(struct live *live, struct kv_txn *txn);
bool live_has(const struct live *live, const struct hash *hash);
bool live_repository(const struct live *live, uint32_t number);
void live_clear(struct live *live);
