/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a state file: as they are, and as the frames of a file whose
 * checksum is right, so that what is behind it is reached as well.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/checksum.h"
#include "daemon/kept.h"
#include "payload/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAME_LAST = 7 };

static int
put(void *arg, struct bytes octets)
{
	octets_add_bytes(arg, octets);
	return 0;
}

/* What was believed can be written and is believed again. */
static void
again(const struct kept *kept)
{
	struct octets o = { .at = NULL };
	struct supply supply;
	struct kept back;
	const char *why;

	(void)kept_write(kept, (struct sink){ .put = put, .arg = &o });
	supply = supply_of(octets_bytes(&o));
	if (!kept_read(&back, &supply, &why) || back.serial != kept->serial) {
		__builtin_trap();
	}
	kept_clear(&back);
	octets_clear(&o);
}

/* The guard's memory is one frame of it. */
static void
look_at_guard(struct bytes in)
{
	struct octets o = { .at = NULL };
	struct guard guard;

	if (guard_decode(&guard, in)) {
		guard_encode(&o, &guard);
		if (!bytes_equal(octets_bytes(&o), in)) {
			__builtin_trap();
		}
		guard_clear(&guard);
		octets_clear(&o);
	}
}

static void
look(struct bytes file)
{
	struct supply supply = supply_of(file);
	struct kept kept;
	const char *why;

	if (kept_read(&kept, &supply, &why)) {
		again(&kept);
		kept_clear(&kept);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct octets o = { .at = NULL };
	uint64_t length;

	look(bytes_of(data, size));
	look_at_guard(bytes_of(data, size));
	octets_add(&o, "kedgestt", 8);
	octets_u32(&o, 1);
	octets_add(&o, data, size);
	length = o.len;
	octets_u8(&o, FRAME_LAST);
	octets_u32(&o, 16);
	octets_u64(&o, length);
	octets_u64(&o, checksum_of(0x6b65646765737474, bytes_of(o.at, length)));
	look(octets_bytes(&o));
	octets_clear(&o);
	return 0;
}
