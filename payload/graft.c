/* SPDX-License-Identifier: BSD-2-Clause */
/* graft - see graft.h. */
#include "payload/graft.h"

#include <stdlib.h>

#include "base/mem.h"

/* The number of this trust anchor in the builder, where it is put if need be.
 */
static uint16_t
ta_number(struct builder *builder, const char *name)
{
	size_t count = builder_tas(builder);

	for (size_t ta = 0; ta < count; ta++) {
		if (strcmp(builder_ta_name(builder, ta), name) == 0) {
			return (uint16_t)ta;
		}
	}
	builder_ta(builder, name);
	return (uint16_t)count;
}

void
graft_init(struct graft *graft, struct builder *builder,
    const struct snapshot *from, const uint16_t *repositories,
    size_t repository_count)
{
	*graft = (struct graft){
		.builder = builder,
		.from = from,
		.repositories = repositories,
		.repository_count = repository_count,
		.tas = mem_zero(snapshot_ta_count(from) + 1, sizeof(uint16_t)),
		.numbers =
		    mem_zero(sources_count(snapshot_book(from)) + (size_t)1,
			sizeof(uint32_t)),
	};
	for (size_t ta = 0; ta < snapshot_ta_count(from); ta++) {
		graft->tas[ta] = ta_number(builder, snapshot_ta_name(from, ta));
	}
}

void
graft_clear(struct graft *graft)
{
	free(graft->tas);
	free(graft->numbers);
	*graft = (struct graft){ .builder = NULL };
}

static uint32_t
number_there(struct graft *graft, uint32_t number)
{
	struct source_room room;
	struct source source;

	if (graft->numbers[number] != 0) {
		return graft->numbers[number] - 1;
	}
	source = *sources_get(snapshot_book(graft->from), number, &room);
	if (source.ta != SOURCE_NO_TA) {
		source.ta = graft->tas[source.ta];
	}
	source.repository = graft->repositories != NULL &&
				    source.repository < graft->repository_count
				? graft->repositories[source.repository]
				: UINT16_MAX;
	source.held |= graft->held;
	graft->numbers[number] = builder_source(graft->builder, &source) + 1;
	return graft->numbers[number] - 1;
}

void
graft_source(struct graft *graft, enum item_kind kind, size_t i, size_t n)
{
	builder_item(graft->builder, kind, snapshot_item(graft->from, kind, i),
	    number_there(graft,
		snapshot_source_number(graft->from, kind, i, n)));
}

void
graft_item(struct graft *graft, enum item_kind kind, size_t i)
{
	for (size_t n = 0; n < snapshot_sources(graft->from, kind, i); n++) {
		graft_source(graft, kind, i, n);
	}
}
