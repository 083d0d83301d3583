/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets at all may be given to tak_decode(); what it lets through can be
 * written as a TAL. */
#include <assert.h>
#include <string.h>

#include "base/uri.h"
#include "object/tak.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_folders[];

const char *const fuzz_folders[] = { "tak", NULL };

static void
look(const struct tak_key *key, struct arena *arena)
{
	struct uri uri;

	assert(key->uri_count > 0 && key->spki.len > 0);
	for (size_t i = 0; i < key->uri_count; i++) {
		struct bytes text =
		    bytes_of(key->uris[i], strlen(key->uris[i]));

		assert(uri_read(&uri, text, arena) == FAULT_NONE);
		assert(strcmp(uri.text, key->uris[i]) == 0 && !uri.directory);
	}
	for (size_t i = 0; i < key->comment_count; i++) {
		struct bytes text = key->comments[i];

		assert(
		    text.len == 0 || memchr(text.at, '\n', text.len) == NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cert ee = { .resources.v4.choice = RESOURCE_INHERIT };
	struct arena *arena = arena_new();
	struct tak tak;

	if (tak_decode(&tak, bytes_of(data, size), arena) == FAULT_NONE) {
		look(&tak.current, arena);
		if (tak.has_predecessor) {
			look(&tak.predecessor, arena);
		}
		if (tak.has_successor) {
			look(&tak.successor, arena);
		}
		assert(tak_covered(&tak, &ee) == FAULT_NONE);
		assert(tak_matches(&tak, tak.current.spki) == FAULT_NONE);
	}
	arena_free(arena);
	return 0;
}
