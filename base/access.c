/* SPDX-License-Identifier: BSD-2-Clause */
/* access - see access.h. */
#include "base/access.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"
#include "base/text.h"

struct entry {
	struct ip_prefix prefix;
	enum access_word word;
};

struct access {
	struct entry *entries;
	size_t count, room;
	bool closed; /* something is allowed by name */
};

struct access *
access_new(void)
{
	return mem_zero(1, sizeof(struct access));
}

void
access_free(struct access *access)
{
	if (access == NULL) {
		return;
	}
	free(access->entries);
	free(access);
}

void
access_add(struct access *access, enum access_word word,
    const struct ip_prefix *prefix)
{
	access->entries = array_room(access->entries, access->count,
	    &access->room, sizeof(*access->entries));
	access->entries[access->count++] = (struct entry){ *prefix, word };
	access->closed |= word == ACCESS_ALLOW;
}

bool
access_lets(const struct access *access, const char *address)
{
	const struct entry *best = NULL;
	struct ip_prefix who;

	if (!ip_prefix_parse(&who, text_bytes(address), IP_LONE_ADDRESS)) {
		return true;
	}
	for (size_t i = 0; i < access->count; i++) {
		const struct entry *e = &access->entries[i];

		if (!ip_prefix_covers(&e->prefix, &who)) {
			continue;
		}
		if (best == NULL || e->prefix.length > best->prefix.length ||
		    (e->prefix.length == best->prefix.length &&
			e->word == ACCESS_DENY)) {
			best = e;
		}
	}
	return best != NULL ? best->word == ACCESS_ALLOW : !access->closed;
}
