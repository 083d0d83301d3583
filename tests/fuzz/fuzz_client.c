/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets from a cache: whatever it says, the set held is one that stands,
 * and what is said back are well formed PDUs.
 */
#include <assert.h>

#include "rtr/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(const struct octets *out)
{
	struct bytes left = octets_bytes(out);
	struct pdu pdu;

	while (left.len > 0) {
		assert(pdu_read(&pdu, left) == PDU_WHOLE);
		left = bytes_of(left.at + pdu.length, left.len - pdu.length);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct client *client;
	struct octets out = { 0 };
	size_t at = 1, piece;

	if (size == 0) {
		return 0;
	}
	/* The first octet: which version is tried, and how large pieces are. */
	client = client_new("cache", data[0] % PDU_VERSIONS, SIZE_MAX);
	piece = 1u + data[0] / 4;
	client_ask(client, &out);
	while (at < size && client_state(client) != CLIENT_FAILED) {
		size_t n = size - at < piece ? size - at : piece;
		enum client_event event;

		client_hear(client, bytes_of(data + at, n));
		at += n;
		do {
			event = client_next(client, &out);
			assert(event != CLIENT_WHOLE ||
			       client_set(client) != NULL);
			if (event != CLIENT_NOTHING) {
				client_ask(client, &out);
			}
		} while (event != CLIENT_NOTHING && event != CLIENT_BROKEN);
	}
	look(&out);
	(void)client_lost(client);
	octets_clear(&out);
	client_free(client);
	return 0;
}
