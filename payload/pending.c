/* SPDX-License-Identifier: BSD-2-Clause */
/* pending - see pending.h. */
#include "payload/pending.h"

#include <stdlib.h>

#include "base/array.h"
#include "payload/awaited.h"
#include "payload/graft.h"
#include "payload/losses.h"

/* A source of an item, by places in the set before. */
struct kept {
	enum item_kind kind;
	uint32_t item;
	uint16_t source;
};

struct search {
	const struct snapshot *before, *fresh;
	const struct report *report;
	uint16_t *tas;
	int64_t now;
	struct kept *kept;
	size_t count, room;
};

static bool
any_awaited(const struct report *report)
{
	for (size_t i = 0; i < report->ta_count; i++) {
		if (report->tas[i].awaited.count > 0) {
			return true;
		}
	}
	return false;
}

static bool
holds(const struct report_awaited *awaited, const struct snapshot *set,
    enum item_kind kind, size_t i)
{
	switch (kind) {
	case ITEM_VRP:
		return awaited_prefix(awaited, &snapshot_vrp(set, i)->prefix);
	case ITEM_ROUTER_KEY:
		return awaited_asn(awaited, snapshot_router_key(set, i)->asn);
	case ITEM_ASPA:
		return awaited_asn(awaited, snapshot_aspa(set, i)->customer);
	case ITEM_KINDS:
		break;
	}
	return false;
}

static bool
stays(const struct search *s, enum item_kind kind, size_t i,
    const struct source *source)
{
	uint16_t ta =
	    source->ta == SOURCE_NO_TA ? UINT16_MAX : s->tas[source->ta];

	return ta != UINT16_MAX && source->expires >= s->now &&
	       holds(&s->report->tas[ta].awaited, s->before, kind, i);
}

/* Which sources let it stay? Of an ASPA all, but those in the fresh one (j;
 * SIZE_MAX: there is none). */
static void
keep(struct search *s, enum item_kind kind, size_t i, size_t j)
{
	size_t sources = snapshot_sources(s->before, kind, i);
	size_t from = s->count;

	for (size_t n = 0; n < sources && n <= UINT16_MAX; n++) {
		struct source_room room;
		const struct source *source =
		    snapshot_source(s->before, kind, i, n, &room);

		if (j != SIZE_MAX &&
		    snapshot_has_source(s->fresh, kind, j, source)) {
			continue;
		}
		if (stays(s, kind, i, source)) {
			s->kept = array_room(s->kept, s->count, &s->room,
			    sizeof(*s->kept));
			s->kept[s->count++] =
			    (struct kept){ kind, (uint32_t)i, (uint16_t)n };
		} else if (kind == ITEM_ASPA) {
			s->count = from;
			return;
		}
	}
}

static void
look(struct search *s, enum item_kind kind)
{
	size_t count = snapshot_count(s->fresh, kind);
	size_t j = 0;

	for (size_t i = 0; i < snapshot_count(s->before, kind); i++) {
		int by = 1;

		while (j < count && (by = snapshot_compare(s->before, i,
					 s->fresh, j, kind)) > 0) {
			j++;
		}
		if (j == count || by != 0) {
			keep(s, kind, i, SIZE_MAX);
		} else if (kind == ITEM_ASPA) {
			keep(s, kind, i, j);
		}
	}
}

static const struct snapshot *
join(const struct search *s)
{
	struct builder *builder = builder_new();
	struct graft graft;

	builder_copy(builder, s->fresh, NULL, NULL);
	graft_init(&graft, builder, s->before, NULL, 0);
	for (size_t i = 0; i < s->count; i++) {
		graft_source(&graft, s->kept[i].kind, s->kept[i].item,
		    s->kept[i].source);
	}
	graft_clear(&graft);
	return builder_seal(builder);
}

const struct snapshot *
pending_keep(const struct snapshot *fresh, const struct snapshot *before,
    const struct report *report, int64_t now)
{
	struct search s = { .before = before,
		.fresh = fresh,
		.report = report,
		.now = now };
	const struct snapshot *out;

	if (!any_awaited(report)) {
		return snapshot_get(fresh);
	}
	s.tas = losses_match_tas(report, before);
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		look(&s, (enum item_kind)kind);
	}
	out = s.count == 0 ? snapshot_get(fresh) : join(&s);
	free(s.tas);
	free(s.kept);
	return out;
}
