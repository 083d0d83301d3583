/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as records ahead of a state file: as they are, and as the body of
 * one record whose checksums are right.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/checksum.h"
#include "daemon/ahead.h"
#include "payload/builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct kept_ids ids = { .rtr = { 1, 2, 3 }, .json = 77 };

static void
look(const struct snapshot *set, struct bytes file)
{
	struct kept kept = { .ids = ids, .serial = 7 };
	struct ahead_place place = { .length = 0 };

	kept.current = snapshot_get(set);
	kept.plain = snapshot_get(set);
	if (ahead_replay(&kept, file, &place) == AHEAD_GOOD &&
	    place.length > file.len) {
		__builtin_trap();
	}
	kept_clear(&kept);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct snapshot *set = builder_seal(builder_new());
	struct octets o = { .at = NULL };
	struct ahead_place place;

	look(set, bytes_of(data, size));
	ahead_begin(&o, &place, &ids, 7);
	octets_u32(&o, (uint32_t)size);
	place.chain = checksum_of(place.chain, bytes_of(o.at + o.len - 4, 4));
	octets_u64(&o, place.chain);
	octets_add(&o, data, size);
	octets_u64(&o, checksum_of(place.chain, bytes_of(data, size)));
	look(set, octets_bytes(&o));
	octets_clear(&o);
	snapshot_put(set);
	return 0;
}
