/* SPDX-License-Identifier: BSD-2-Clause */
/* pending - see pending.h. */
#include "payload/pending.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "payload/graft.h"
#include "payload/losses.h"

/* Addresses that a point below a trust anchor may speak of. */
struct span {
	uint16_t ta; /* in the report */
	struct report_span at;
};

/* Sorted by where they begin; each ends where the last of this or any before it
 * does, so that one look tells whether a prefix is held. */
struct spans {
	size_t count;
	struct span *list;
};

/* A source of a VRP, by places in the set before. */
struct kept {
	uint32_t vrp;
	uint16_t source;
};

static int
span_order(const void *left, const void *right)
{
	const struct span *a = left;
	const struct span *b = right;

	if (a->ta != b->ta) {
		return (int)a->ta - (int)b->ta;
	}
	return a->at.family != b->at.family
		   ? (int)a->at.family - (int)b->at.family
		   : memcmp(a->at.min, b->at.min, sizeof(a->at.min));
}

static bool
same_kind(const struct span *a, const struct span *b)
{
	return a->ta == b->ta && a->at.family == b->at.family;
}

static void
sort(struct spans *spans)
{
	if (spans->count > 0) {
		qsort(spans->list, spans->count, sizeof(*spans->list),
		    span_order);
	}
	for (size_t i = 1; i < spans->count; i++) {
		const struct span *last = &spans->list[i - 1];
		struct span *span = &spans->list[i];

		if (same_kind(last, span) && memcmp(last->at.max, span->at.max,
						 sizeof(span->at.max)) > 0) {
			memcpy(span->at.max, last->at.max,
			    sizeof(span->at.max));
		}
	}
}

static struct spans
spans_of(const struct report *report)
{
	struct spans spans = { 0 };
	size_t room = 0;

	for (size_t i = 0; i < report->ground_count; i++) {
		const struct report_ground *ground = &report->grounds[i];

		for (size_t n = 0;
		     n < ground->count && ground->state == POINT_WAITING; n++) {
			spans.list = array_room(spans.list, spans.count, &room,
			    sizeof(*spans.list));
			spans.list[spans.count++] =
			    (struct span){ ground->ta, ground->spans[n] };
		}
	}
	sort(&spans);
	return spans;
}

static bool
holds(const struct spans *spans, uint16_t ta, const struct ip_prefix *prefix)
{
	struct span key = { .ta = ta, .at.family = prefix->family };
	size_t low = 0, high = spans->count;
	uint8_t last[16];

	memcpy(key.at.min, prefix->address, sizeof(key.at.min));
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (span_order(&spans->list[middle], &key) <= 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == 0 || !same_kind(&spans->list[low - 1], &key)) {
		return false;
	}
	ip_prefix_last(prefix, last);
	return memcmp(spans->list[low - 1].at.max, last, sizeof(last)) >= 0;
}

struct search {
	const struct snapshot *before;
	struct spans spans;
	uint16_t *tas;
	int64_t now;
	struct kept *kept;
	size_t count, room;
};

/* Which sources of a VRP that is gone let it stay? */
static void
keep(struct search *s, size_t i)
{
	const struct vrp *vrp = snapshot_vrp(s->before, i);
	size_t sources = snapshot_sources(s->before, ITEM_VRP, i);

	for (size_t n = 0; n < sources && n <= UINT16_MAX; n++) {
		struct source_room room;
		const struct source *source =
		    snapshot_source(s->before, ITEM_VRP, i, n, &room);

		if (source->ta != SOURCE_NO_TA && source->expires >= s->now &&
		    holds(&s->spans, s->tas[source->ta], &vrp->prefix)) {
			s->kept = array_room(s->kept, s->count, &s->room,
			    sizeof(*s->kept));
			s->kept[s->count++] =
			    (struct kept){ (uint32_t)i, (uint16_t)n };
		}
	}
}

static void
look(struct search *s, const struct snapshot *fresh)
{
	size_t j = 0;

	for (size_t i = 0; i < snapshot_vrps(s->before); i++) {
		const struct vrp *vrp = snapshot_vrp(s->before, i);
		int by = 1;

		while (
		    j < snapshot_vrps(fresh) &&
		    (by = item_vrp_compare(vrp, snapshot_vrp(fresh, j))) > 0) {
			j++;
		}
		if (by != 0) {
			keep(s, i);
		}
	}
}

static const struct snapshot *
join(const struct search *s, const struct snapshot *fresh)
{
	struct builder *builder = builder_new();
	struct graft graft;

	builder_copy(builder, fresh, NULL, NULL);
	graft_init(&graft, builder, s->before, NULL, 0);
	for (size_t i = 0; i < s->count; i++) {
		graft_source(&graft, ITEM_VRP, s->kept[i].vrp,
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
		.spans = spans_of(report),
		.tas = losses_match_tas(report, before),
		.now = now };
	const struct snapshot *out;

	if (s.spans.count > 0) {
		look(&s, fresh);
	}
	out = s.count == 0 ? snapshot_get(fresh) : join(&s, fresh);
	free(s.spans.list);
	free(s.tas);
	free(s.kept);
	return out;
}
