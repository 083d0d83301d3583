/* SPDX-License-Identifier: BSD-2-Clause */
/* access - see access.h. */
#include "base/access.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"
#include "base/text.h"

struct clause {
	struct ip_prefix prefix;
	enum access_word word;
};

struct access {
	struct clause *clauses;
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
	free(access->clauses);
	free(access);
}

void
access_add(struct access *access, enum access_word word,
    const struct ip_prefix *prefix)
{
	access->clauses = array_room(access->clauses, access->count,
	    &access->room, sizeof(*access->clauses));
	access->clauses[access->count++] = (struct clause){ *prefix, word };
	access->closed |= word == ACCESS_ALLOW;
}

bool
access_lets(const struct access *access, const char *address)
{
	const struct clause *best = NULL;
	struct ip_prefix who;

	if (!ip_prefix_parse(&who, text_bytes(address), IP_LONE_ADDRESS)) {
		return true;
	}
	for (size_t i = 0; i < access->count; i++) {
		const struct clause *e = &access->clauses[i];

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
