/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a file of TCP keys: it is read or refused with a reason, and
 * no reason shows a key.
 */
#include <assert.h>

#include "daemon/tcpkeys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
give(enum tcpkeys_kind kind, struct bytes text)
{
	struct octets why = { 0 };
	struct tcpkeys *keys = tcpkeys_parse(kind, "keys", text, &why);

	assert((keys == NULL) == (why.len > 0));
	assert(why.len < 200);
	tcpkeys_free(keys);
	octets_clear(&why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	give(TCPKEYS_MD5, bytes_of(data, size));
	give(TCPKEYS_AO, bytes_of(data, size));
	return 0;
}
