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

/* What the last answer changed is in the set; what went wrong is one line. */
static void
look_at(const struct client *client)
{
	const struct delta *change = client_change(client);
	const struct pdu_timing timing = client_timing(client);

	assert(change == NULL || client_set(client) == NULL ||
	       delta_count(change, ITEM_VRP, DELTA_ANNOUNCE) <=
		   snapshot_vrps(client_set(client)));
	assert(timing.refresh > 0 && timing.retry > 0);
	assert(timing.expire > timing.refresh && timing.expire > timing.retry);
	for (const char *c = client_why(client); *c != '\0'; c++) {
		assert(*c >= ' ' && *c <= '~');
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
			look_at(client);
			if (event != CLIENT_NOTHING) {
				client_ask(client, &out);
			}
		} while (event != CLIENT_NOTHING && event != CLIENT_BROKEN);
	}
	look(&out);
	(void)client_lost(client);
	client_expire(client);
	assert(client_set(client) == NULL);
	octets_clear(&out);
	client_free(client);
	return 0;
}
