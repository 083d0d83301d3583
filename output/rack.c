/* SPDX-License-Identifier: BSD-2-Clause */
/* rack - see rack.h. */
#include "output/rack.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

enum { OVERHEAD = 512 }; /* what a small answer costs beside its body */

struct kept {
	struct kept *newer, *older;
	const struct response *response;
	size_t octets, key_len;
	uint8_t key[];
};

struct rack {
	struct map *map;
	size_t most, octets;
	struct kept *newest, *oldest;
};

struct rack *
rack_new(size_t octets)
{
	struct rack *rack = mem_zero(1, sizeof(*rack));

	rack->map = map_new();
	rack->most = octets;
	return rack;
}

static void
unlink_kept(struct rack *rack, struct kept *kept)
{
	if (kept->newer != NULL) {
		kept->newer->older = kept->older;
	} else {
		rack->newest = kept->older;
	}
	if (kept->older != NULL) {
		kept->older->newer = kept->newer;
	} else {
		rack->oldest = kept->newer;
	}
}

static void
link_newest(struct rack *rack, struct kept *kept)
{
	kept->newer = NULL;
	kept->older = rack->newest;
	if (rack->newest != NULL) {
		rack->newest->newer = kept;
	} else {
		rack->oldest = kept;
	}
	rack->newest = kept;
}

static void
drop(struct rack *rack, struct kept *kept)
{
	(void)map_remove(rack->map, bytes_of(kept->key, kept->key_len));
	unlink_kept(rack, kept);
	rack->octets -= kept->octets;
	response_put(kept->response);
	free(kept);
}

void
rack_free(struct rack *rack)
{
	if (rack == NULL) {
		return;
	}
	while (rack->oldest != NULL) {
		drop(rack, rack->oldest);
	}
	map_free(rack->map);
	free(rack);
}

const struct response *
rack_find(struct rack *rack, struct bytes key)
{
	struct kept *kept = map_get(rack->map, key);

	if (kept == NULL) {
		return NULL;
	}
	unlink_kept(rack, kept);
	link_newest(rack, kept);
	return kept->response;
}

void
rack_keep(struct rack *rack, struct bytes key, const struct response *response)
{
	size_t octets = response_of(response)->body.room + key.len + OVERHEAD;
	struct kept *kept = map_get(rack->map, key);

	if (octets > rack->most) {
		return;
	}
	if (kept != NULL) {
		drop(rack, kept);
	}
	while (rack->oldest != NULL && rack->octets + octets > rack->most) {
		drop(rack, rack->oldest);
	}
	kept = mem_zero(1, sizeof(*kept) + key.len);
	kept->response = response_get(response);
	kept->octets = octets;
	kept->key_len = key.len;
	memcpy(kept->key, key.at, key.len);
	link_newest(rack, kept);
	(void)map_set(rack->map, key, kept);
	rack->octets += octets;
}

size_t
rack_octets(const struct rack *rack)
{
	return rack->octets;
}
