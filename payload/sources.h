/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sources - where payload comes from, hundreds of thousands of them, kept
 * small.
 *
 * The Internet has one object for every two or three VRPs, and a struct source
 * with its URI takes more room than the VRPs themselves. Here a source is
 * packed: its directory is shared with its neighbours, its times are kept as
 * differences. sources_get() unpacks one.
 */
#pragma once

#include <stddef.h>

#include "base/limits.h"
#include "payload/item.h"

/* Where a source is unpacked to; what it lends lives as long as this does. */
struct source_room {
	struct source source;
	char uri[LIMIT_URI + 1];
};

struct sources;

struct sources *sources_new(void);

/*
 * Those of a sealed book under the same numbers, and more to be added. They are
 * not copied: the book is counted by reference, and one set after local policy
 * takes little beside the one before it.
 */
struct sources *sources_extend(const struct sources *book);

/* A reference less; frees with the last one. NULL is fine. */
void sources_put(struct sources *sources);

/* Copies everything; returns its number, from 0 on. */
uint32_t sources_add(struct sources *sources, const struct source *source);

/* No more are added: gives back what only adding needs. */
void sources_seal(struct sources *sources);

uint32_t sources_count(const struct sources *sources);
/* Of memory, about; without those of the book that it extends. */
uint64_t sources_octets(const struct sources *sources);

/* The source with this number, which must be one; points into the room and
 * into what sources holds. */
const struct source *sources_get(const struct sources *sources, uint32_t number,
    struct source_room *room);

/* Whose it is, without unpacking the rest: to count by it, or to list VRPs,
 * takes no more. */
struct source_owner {
	enum source_kind kind;
	uint16_t ta, repository;
};
struct source_owner sources_owner(const struct sources *sources,
    uint32_t number);

/* By TA, URI, object, and then by whatever differs: 0 only for equals. */
int sources_compare(const struct sources *sources, uint32_t a, uint32_t b);
