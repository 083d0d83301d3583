/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_request - from the octets of an HTTP request to a plan: what is let
 * through is safe to log, to keep under a key and to answer. */
#include <stdlib.h>

#include "output/ask.h"
#include "output/response.h"
#include "output/validity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool held)
{
	if (!held) {
		abort();
	}
}

/* One line, whatever the client sent. */
static void
check_refusal(struct head_refusal refusal)
{
	demand(refusal.status >= 400 && refusal.status < 600);
	demand(refusal.why != NULL && strchr(refusal.why, '\n') == NULL);
	demand(strcmp(response_phrase(refusal.status), "Answer") != 0);
}

static void
check_text(const char *text)
{
	for (; text != NULL && *text != '\0'; text++) {
		demand((unsigned char)*text >= 0x20 && *text != 0x7f);
	}
}

static void
check_ask(const struct ask *ask, struct arena *arena)
{
	struct octets key = { 0 }, again = { 0 };
	const struct filter *filter = &ask->filter;
	struct ask copy;

	demand(ask->what < ASK_WHATS && ask->methods != 0);
	demand(ask->what != ASK_FORMAT || ask->format != NULL);
	check_text(ask->uri);
	check_text(ask->repository);
	check_text(ask->ta);
	check_text(ask->label);
	check_text(ask->since);
	for (size_t i = 1; i < filter->asn_count; i++) {
		demand(filter->asns[i - 1] < filter->asns[i]);
	}
	for (size_t i = 0; i < filter->prefix_count; i++) {
		demand(ip_prefix_sane(&filter->prefixes[i]));
	}
	ask_copy(&copy, ask, arena);
	ask_key(&key, ask);
	ask_key(&again, &copy);
	demand(bytes_equal(octets_bytes(&key), octets_bytes(&again)));
	octets_clear(&key);
	octets_clear(&again);
}

static void
check_body(struct bytes body)
{
	struct validity_route *routes;
	struct octets why = { 0 };
	size_t count;
	bool good = validity_read(&routes, &count, body, &why);

	for (size_t i = 0; good && i < count; i++) {
		demand(ip_prefix_sane(&routes[i].prefix));
	}
	demand(good == (why.len == 0));
	demand(good || memchr(why.at, '\n', why.len) == NULL);
	free(routes);
	octets_clear(&why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	size_t len = head_length(in, 0);
	struct arena *arena = arena_new();
	struct head_refusal refusal;
	struct head head;
	struct ask ask;

	if (len == 0) {
		refusal = head_begins(in, 0);
		if (refusal.status != 0) {
			check_refusal(refusal);
		}
		arena_free(arena);
		return 0;
	}
	refusal = head_read(&head, bytes_of(data, len), arena);
	if (refusal.status == 0) {
		refusal = ask_read(&ask, &head, arena);
	}
	if (refusal.status != 0) {
		check_refusal(refusal);
	} else {
		check_ask(&ask, arena);
		check_body(bytes_of(data + len, size - len));
	}
	arena_free(arena);
	return 0;
}
