/* SPDX-License-Identifier: BSD-2-Clause */
/* lacking - see lacking.h. */
#include "validator/lacking.h"

#include <string.h>

#include "base/array.h"
#include "base/limits.h"
#include "base/map.h"
#include "payload/awaited.h"
#include "payload/ground.h"
#include "validator/ranges.h"

/* Who has more ranges tells only where each family begins and ends. */
enum { EACH = 2000 };

struct lacking {
	struct report *report;
	struct arena *arena;
	struct map *blamed; /* points, by the place of their names */
	size_t room, octets;
};

static void
write_address(uint8_t out[16], unsigned family, struct addr addr)
{
	size_t octets = ip_bits(family) / 8;

	memset(out, 0, 16);
	for (size_t i = 0; i < octets; i++) {
		uint64_t half = octets - i > 8 ? addr.hi : addr.lo;

		out[i] = (uint8_t)(half >> 8 * ((octets - 1 - i) % 8));
	}
}

static void
add_span(struct report_span **at, unsigned family, struct addr min,
    struct addr max)
{
	struct report_span *span = (*at)++;

	span->family = (uint8_t)family;
	write_address(span->min, family, min);
	write_address(span->max, family, max);
}

static void
add_set(struct report_span **at, unsigned family, const struct ip_set *set,
    bool coarse)
{
	if (coarse && set->count > 0) {
		add_span(at, family, set->ranges[0].min,
		    set->ranges[set->count - 1].max);
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		add_span(at, family, set->ranges[i].min, set->ranges[i].max);
	}
}

/* As much as all of them together may take, whatever others name things. */
static bool
fits(struct lacking *l, const char *uri, size_t count)
{
	l->octets += strlen(uri) + count * sizeof(struct report_span);
	return l->octets <= LIMIT_GROUND_OCTETS;
}

static void
add_ground(struct lacking *l, const struct spot *spot)
{
	struct report *report = l->report;
	const char *uri = spot->ca->own.manifest_uri;
	const struct resources *r = &spot->ca->resources;
	size_t count = r->v4.count + r->v6.count;
	bool coarse = count > EACH;
	struct report_span *spans, *at;

	if (!fits(l, uri, coarse ? 2 : count)) {
		report->grounds_lost++;
		return;
	}
	spans = arena_zero(l->arena, coarse ? 2 : count + 1, sizeof(*spans));
	at = spans;
	add_set(&at, IP_V4, &r->v4, coarse);
	add_set(&at, IP_V6, &r->v6, coarse);
	report->grounds = array_room(report->grounds, report->ground_count,
	    &l->room, sizeof(*report->grounds));
	report->grounds[report->ground_count++] = (struct report_ground){
		.uri = uri,
		.ta = spot->ca->ta,
		.repository =
		    spot->repo == NULL ? UINT16_MAX : spot->repo->index,
		.state = walk_point_state(spot),
		.coarse = coarse,
		.count = (size_t)(at - spans),
		.spans = spans,
	};
}

static void
note_blame(struct lacking *l)
{
	for (size_t i = 0; i < l->report->finding_count; i++) {
		const struct report_finding *f = &l->report->findings[i];

		if (f->point != NULL && fault_rejects(f->fault)) {
			(void)map_set(l->blamed,
			    bytes_of(&f->point, sizeof(f->point)), l);
		}
	}
}

static bool
blamed(const struct lacking *l, const struct spot *spot)
{
	const char *name = spot->ca->own.manifest_uri;

	return map_get(l->blamed, bytes_of(&name, sizeof(name))) != NULL;
}

/* --- who is waited for */

static size_t
count_ranges(const struct resources *r)
{
	return r->v4.count + r->v6.count + r->as.count;
}

static void
add_asns(struct report_span **at, const struct as_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct report_span *span = (*at)++;

		span->family = REPORT_SPAN_AS;
		awaited_write_asn(span->min, set->ranges[i].min);
		awaited_write_asn(span->max, set->ranges[i].max);
	}
}

/* Neighbours within one block of so many bits become one. */
static size_t
join_blocks(struct report_span *spans, size_t count, int bits)
{
	size_t last = 0;

	for (size_t i = 1; i < count; i++) {
		struct report_span both = spans[last];

		memcpy(both.max, spans[i].max, sizeof(both.max));
		if (both.family == spans[i].family &&
		    (int)ground_narrowness(&both) >= bits) {
			spans[last] = both;
		} else {
			spans[++last] = spans[i];
		}
	}
	return last + 1;
}

/* Where there are too many, blocks grow until there are not: whoever has ranges
 * without end blurs what lies between his own. */
static size_t
blur(struct report_span *spans, size_t count, size_t most)
{
	for (int bits = 128; count > most && bits >= 0; bits -= 8) {
		count = join_blocks(spans, count, bits);
	}
	return count;
}

static void
await(const struct lacking *l, const struct walk *walk, uint16_t ta)
{
	struct report_awaited *awaited = &l->report->tas[ta].awaited;
	struct ranges *ranges = ranges_new();
	struct resources all;
	struct report_span *spans, *at;

	for (size_t i = 0; i < walk->spot_count; i++) {
		const struct spot *spot = walk->spots[i];

		if (spot->state == SPOT_WAITING && spot->ca->ta == ta) {
			ranges_add(ranges, &spot->ca->resources);
		}
	}
	ranges_seal(ranges, &all, l->arena);
	spans = arena_zero(l->arena, count_ranges(&all) + 1, sizeof(*spans));
	at = spans;
	add_set(&at, IP_V4, &all.v4, false);
	add_set(&at, IP_V6, &all.v6, false);
	add_asns(&at, &all.as);
	awaited->spans = spans;
	awaited->count = blur(spans, (size_t)(at - spans),
	    LIMIT_AWAITED_RANGES / l->report->ta_count);
}

/* --- all of them */

static bool
gave_nothing(const struct spot *spot)
{
	return spot->state != SPOT_VALID && spot->state != SPOT_CACHED;
}

void
lacking_collect(struct report *report, const struct walk *walk,
    struct arena *arena)
{
	struct lacking l = { .report = report,
		.arena = arena,
		.blamed = map_new() };

	for (size_t ta = 0; walk->early && ta < report->ta_count; ta++) {
		await(&l, walk, (uint16_t)ta);
	}
	note_blame(&l);
	for (size_t i = 0; i < walk->spot_count; i++) {
		if (gave_nothing(walk->spots[i])) {
			add_ground(&l, walk->spots[i]);
		}
	}
	for (size_t i = 0; i < walk->spot_count; i++) {
		const struct spot *spot = walk->spots[i];

		if (spot->state == SPOT_CACHED ||
		    (spot->state == SPOT_VALID && blamed(&l, spot))) {
			add_ground(&l, spot);
		}
	}
	map_free(l.blamed);
}
