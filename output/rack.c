/* SPDX-License-Identifier: BSD-2-Clause */
/* rack - see rack.h. */
#include "output/rack.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

enum { OVERHEAD = 512 }; /* what a small answer costs beside its body */

struct slot {
	struct slot *newer, *older;
	const struct response *response;
	size_t octets, key_len;
	uint8_t key[];
};

struct rack {
	struct map *map;
	size_t most, octets;
	struct slot *newest, *oldest;
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
unlink_slot(struct rack *rack, struct slot *slot)
{
	if (slot->newer != NULL) {
		slot->newer->older = slot->older;
	} else {
		rack->newest = slot->older;
	}
	if (slot->older != NULL) {
		slot->older->newer = slot->newer;
	} else {
		rack->oldest = slot->newer;
	}
}

static void
link_newest(struct rack *rack, struct slot *slot)
{
	slot->newer = NULL;
	slot->older = rack->newest;
	if (rack->newest != NULL) {
		rack->newest->newer = slot;
	} else {
		rack->oldest = slot;
	}
	rack->newest = slot;
}

static void
drop(struct rack *rack, struct slot *slot)
{
	(void)map_remove(rack->map, bytes_of(slot->key, slot->key_len));
	unlink_slot(rack, slot);
	rack->octets -= slot->octets;
	response_put(slot->response);
	free(slot);
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
	struct slot *slot = map_get(rack->map, key);

	if (slot == NULL) {
		return NULL;
	}
	unlink_slot(rack, slot);
	link_newest(rack, slot);
	return slot->response;
}

void
rack_keep(struct rack *rack, struct bytes key, const struct response *response)
{
	size_t octets = response_of(response)->body.room + key.len + OVERHEAD;
	struct slot *slot = map_get(rack->map, key);

	if (octets > rack->most) {
		return;
	}
	if (slot != NULL) {
		drop(rack, slot);
	}
	while (rack->oldest != NULL && rack->octets + octets > rack->most) {
		drop(rack, rack->oldest);
	}
	slot = mem_zero(1, sizeof(*slot) + key.len);
	slot->response = response_get(response);
	slot->octets = octets;
	slot->key_len = key.len;
	memcpy(slot->key, key.at, key.len);
	link_newest(rack, slot);
	(void)map_set(rack->map, key, slot);
	rack->octets += octets;
}

size_t
rack_octets(const struct rack *rack)
{
	return rack->octets;
}
