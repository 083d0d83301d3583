/* SPDX-License-Identifier: BSD-2-Clause */
/* expire - see expire.h. */
#include "payload/expire.h"

#include <stdlib.h>

#include "base/mem.h"
#include "payload/builder.h"

struct clockwork {
	int64_t now;
	int64_t *ends; /* of each source: items share them */
};

/* As snapshot_expires() says. */
static int64_t
end_of(const struct clockwork *c, const struct snapshot *snapshot,
    enum item_kind kind, size_t i)
{
	size_t sources = snapshot_sources(snapshot, kind, i);
	int64_t end = c->ends[snapshot_source_number(snapshot, kind, i, 0)];

	for (size_t n = 1; n < sources; n++) {
		int64_t other =
		    c->ends[snapshot_source_number(snapshot, kind, i, n)];

		if (kind == ITEM_ASPA ? other < end : other > end) {
			end = other;
		}
	}
	return end;
}

static bool
lives(void *arg, const struct snapshot *snapshot, enum item_kind kind, size_t i)
{
	const struct clockwork *c = arg;

	return end_of(c, snapshot, kind, i) >= c->now;
}

static void
look(const struct clockwork *c, const struct snapshot *snapshot,
    struct expire *found)
{
	*found = (struct expire){ .next = INT64_MAX };
	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;

		for (size_t i = 0; i < snapshot_count(snapshot, kind); i++) {
			int64_t end = end_of(c, snapshot, kind, i);

			if (end < c->now) {
				found->gone++;
			} else if (end < found->next) {
				found->next = end;
			}
		}
	}
}

const struct snapshot *
expire_apply(const struct snapshot *snapshot, int64_t now, struct expire *found)
{
	const struct sources *sources = snapshot_book(snapshot);
	struct clockwork c = {
		.now = now,
		.ends = mem_zero(sources_count(sources) + (size_t)1,
		    sizeof(int64_t)),
	};
	const struct snapshot *out;
	struct source_room room;

	for (uint32_t i = 0; i < sources_count(sources); i++) {
		c.ends[i] = sources_get(sources, i, &room)->expires;
	}
	look(&c, snapshot, found);
	if (found->gone == 0) {
		out = snapshot_get(snapshot);
	} else {
		struct builder *builder = builder_new();

		builder_copy(builder, snapshot, lives, &c);
		out = builder_seal(builder);
	}
	free(c.ends);
	return out;
}
