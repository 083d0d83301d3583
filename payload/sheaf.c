/* SPDX-License-Identifier: BSD-2-Clause */
/* sheaf - see sheaf.h. */
#include "payload/sheaf.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
	KEY_ADDRESS = 1, /* octet 0 is the family */
	KEY_LENGTH = 17,
	KEY_MAX_LENGTH = 18,
	KEY_ASN = 19,
	KEY_OCTETS = 23,
	SMALL = 24, /* so few are sorted by comparing */
	ROOM_FIRST = 1024,
};

/* Room by doubling without zeroing: untouched pages cost nothing. */
void
sheaf_add(struct sheaf *sheaf, const struct vrp *vrp, uint32_t source)
{
	if (sheaf->count == sheaf->room) {
		sheaf->room = sheaf->room == 0 ? ROOM_FIRST : sheaf->room * 2;
		sheaf->vrps =
		    mem_grow(sheaf->vrps, sheaf->room, sizeof(*sheaf->vrps));
		sheaf->sources = mem_grow(sheaf->sources, sheaf->room,
		    sizeof(*sheaf->sources));
	}
	sheaf->vrps[sheaf->count] = *vrp;
	sheaf->sources[sheaf->count++] = source;
}

void
sheaf_clear(struct sheaf *sheaf)
{
	free(sheaf->vrps);
	free(sheaf->sources);
	*sheaf = (struct sheaf){ .count = 0 };
}

/* The octet of a VRP that decides at this depth. */
static unsigned
key_octet(const struct vrp *vrp, unsigned depth)
{
	if (depth == 0) {
		return vrp->prefix.family;
	}
	if (depth < KEY_LENGTH) {
		return vrp->prefix.address[depth - KEY_ADDRESS];
	}
	if (depth == KEY_LENGTH) {
		return vrp->prefix.length;
	}
	if (depth == KEY_MAX_LENGTH) {
		return vrp->max_length;
	}
	return (vrp->asn >> (8 * (KEY_OCTETS - 1 - depth))) & 0xff;
}

static void
swap(struct vrp *vrps, uint32_t *with, size_t i, size_t j)
{
	struct vrp vrp = vrps[i];
	uint32_t number = with[i];

	vrps[i] = vrps[j];
	with[i] = with[j];
	vrps[j] = vrp;
	with[j] = number;
}

static void
sort_few(struct vrp *vrps, uint32_t *with, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct vrp vrp = vrps[i];
		uint32_t number = with[i];
		size_t j = i;

		while (j > 0 && item_vrp_compare(&vrps[j - 1], &vrp) > 0) {
			vrps[j] = vrps[j - 1];
			with[j] = with[j - 1];
			j--;
		}
		vrps[j] = vrp;
		with[j] = number;
	}
}

/* Put every item into the bucket of its octet; from[b] ends up as the end. */
static void
deal(struct vrp *vrps, uint32_t *with, unsigned depth, size_t from[256],
    const size_t until[256])
{
	for (unsigned bucket = 0; bucket < 256; bucket++) {
		while (from[bucket] < until[bucket]) {
			size_t at = from[bucket];
			unsigned octet = key_octet(&vrps[at], depth);

			if (octet != bucket) {
				swap(vrps, with, at, from[octet]);
			}
			from[octet]++;
		}
	}
}

/* WHY recursion: its depth is at most KEY_OCTETS, whatever the input. Few are
 * not given to it: zeroing its counters would cost more than sorting them. */
static void
sort_many(struct vrp *vrps, uint32_t *with, size_t count, unsigned depth)
{
	size_t from[256] = { 0 };
	size_t until[256];
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		from[key_octet(&vrps[i], depth)]++;
	}
	for (unsigned bucket = 0; bucket < 256; bucket++) {
		size_t here = from[bucket];

		from[bucket] = at;
		at += here;
		until[bucket] = at;
	}
	deal(vrps, with, depth, from, until);
	at = 0;
	for (unsigned bucket = 0; bucket < 256; bucket++) {
		size_t here = until[bucket] - at;

		/* After the last octet they are the same: nothing moves. */
		if (here > SMALL && depth + 1 < KEY_OCTETS) {
			sort_many(vrps + at, with + at, here, depth + 1);
		} else if (here > 1) {
			sort_few(vrps + at, with + at, here);
		}
		at = until[bucket];
	}
}

static bool
in_order(const struct vrp *vrps, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (item_vrp_compare(&vrps[i - 1], &vrps[i]) > 0) {
			return false;
		}
	}
	return true;
}

void
sheaf_sort(struct sheaf *sheaf)
{
	/* What the engine sends is usually sorted: it was sealed there. */
	if (!in_order(sheaf->vrps, sheaf->count)) {
		sort_many(sheaf->vrps, sheaf->sources, sheaf->count, 0);
	}
}
