/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a segment of the journal: as they are, and as the body of one
 * record whose checksum is right.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/checksum.h"
#include "daemon/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touch what is lent, so that a sanitizer sees what is not there. */
static bool
ear(void *arg, const struct journal_head *head, const struct change *change)
{
	size_t *sum = arg;

	*sum += head->serial;
	if (change != NULL) {
		*sum += strlen(change->uri) + strlen(change->ta) +
			strlen(change->detail) +
			strlen(causes_name(change->cause));
		for (uint32_t i = 0;
		     change->kind == ITEM_ASPA && i < change->item.aspa.count;
		     i++) {
			*sum += change->item.aspa.providers[i];
		}
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct octets o = { .at = NULL };
	size_t sum = 0;

	if (journal_walk(bytes_of(data, size), ear, &sum) > size) {
		__builtin_trap();
	}
	octets_add(&o, "kedgejnl", 8);
	octets_u32(&o, 1);
	octets_u32(&o, (uint32_t)size);
	octets_u64(&o, checksum_of(0x6b656467656a6e6c, bytes_of(data, size)));
	octets_add(&o, data, size);
	(void)journal_walk(octets_bytes(&o), ear, &sum);
	octets_clear(&o);
	return 0;
}
