/* SPDX-License-Identifier: BSD-2-Clause */
/* losses - see losses.h. */
#include "payload/losses.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/mem.h"

enum { NOWHERE = UINT16_MAX };

/* What is known of a source; remembered, for many items share one. */
enum verdict { UNKNOWN, STANDS, FAILED };

struct losses {
	const struct losses_case *one;
	uint16_t *tas;  /* of before, in the report; or NOWHERE */
	bool *rootless; /* by place in the report */
	uint16_t *repositories;
	size_t repository_count;
	struct lineage *lineage;
	uint8_t *verdicts;    /* by number of before's sources */
	uint16_t *source_tas; /* by the same: in the report, or NOWHERE */
	bool *marked;         /* by the same */
	struct losses_anchor *anchors;
	struct loss *items;
	size_t count, room;
};

/* --- what the reports say */

uint16_t *
losses_match_tas(const struct report *report, const struct snapshot *before)
{
	size_t count = snapshot_ta_count(before);
	uint16_t *tas = mem_zero(count + 1, sizeof(*tas));

	for (size_t i = 0; i < count; i++) {
		const struct report_ta *ta =
		    report_find_ta(report, snapshot_ta_name(before, i));

		tas[i] = ta == NULL ? NOWHERE : (uint16_t)(ta - report->tas);
	}
	return tas;
}

/* Sources are packed, and every item asks for the TA of its own. */
static void
match_sources(struct losses *l)
{
	const struct sources *book = snapshot_book(l->one->before);
	struct source_room room;

	l->source_tas =
	    mem_zero(sources_count(book) + (size_t)1, sizeof(*l->source_tas));
	for (uint32_t i = 0; i < sources_count(book); i++) {
		uint16_t ta = sources_get(book, i, &room)->ta;

		l->source_tas[i] = ta == SOURCE_NO_TA ? NOWHERE : l->tas[ta];
	}
}

static int
compare_uris(const void *left, const void *right)
{
	const struct report_repository *const *a = left;
	const struct report_repository *const *b = right;

	return strcmp((*a)->uri, (*b)->uri);
}

static void
match_repositories(struct losses *l)
{
	const struct report *then = l->one->then;
	const struct report *now = l->one->report;
	const struct report_repository **sorted =
	    mem_zero(now->repository_count + 1, sizeof(*sorted));

	for (size_t i = 0; i < now->repository_count; i++) {
		sorted[i] = &now->repositories[i];
	}
	qsort(sorted, now->repository_count, sizeof(*sorted), compare_uris);
	l->repository_count = then == NULL ? 0 : then->repository_count;
	l->repositories =
	    mem_zero(l->repository_count + 1, sizeof(*l->repositories));
	for (size_t i = 0; i < l->repository_count; i++) {
		const struct report_repository *key = &then->repositories[i];
		const struct report_repository **found = bsearch(&key, sorted,
		    now->repository_count, sizeof(*sorted), compare_uris);

		l->repositories[i] =
		    found == NULL ? NOWHERE
				  : (uint16_t)(*found - now->repositories);
	}
	free(sorted);
}

static void
judge_anchors(struct losses *l)
{
	const struct report *now = l->one->report;
	bool *rooted = mem_zero(now->ta_count + 1, sizeof(*rooted));

	l->anchors = mem_zero(now->ta_count + 1, sizeof(*l->anchors));
	l->rootless = mem_zero(now->ta_count + 1, sizeof(*l->rootless));
	for (size_t i = 0; i < now->point_count; i++) {
		const struct report_point *p = &now->points[i];

		rooted[p->ta] = true;
		l->anchors[p->ta].trouble |= report_point_failed(now, p);
	}
	for (size_t ta = 0; ta < now->ta_count; ta++) {
		l->rootless[ta] =
		    !rooted[ta] && now->tas[ta].fault != FAULT_NONE;
		l->anchors[ta].trouble |= l->rootless[ta];
	}
	free(rooted);
}

/* --- one source */

static enum verdict
judge_source(struct losses *l, uint32_t number)
{
	struct source_room room;
	const struct source *source;
	uint16_t ta;

	if (l->verdicts[number] != UNKNOWN) {
		return l->verdicts[number];
	}
	source = sources_get(snapshot_book(l->one->before), number, &room);
	ta = l->source_tas[number];
	if (ta == NOWHERE || source->expires < l->one->now) {
		l->verdicts[number] = STANDS;
	} else if (l->rootless[ta]) {
		l->verdicts[number] = FAILED;
	} else {
		l->verdicts[number] =
		    lineage_failed(l->lineage, source->uri) ? FAILED : STANDS;
	}
	return l->verdicts[number];
}

/* --- items */

/* The place in the report of the TA of a source, or NOWHERE. */
static uint16_t
ta_of(const struct losses *l, enum item_kind kind, size_t i, size_t n)
{
	return l
	    ->source_tas[snapshot_source_number(l->one->before, kind, i, n)];
}

/* Was an earlier source of the item of the same TA? */
static bool
seen(const struct losses *l, enum item_kind kind, size_t i, size_t n,
    uint16_t ta)
{
	for (size_t k = 0; k < n; k++) {
		if (ta_of(l, kind, i, k) == ta) {
			return true;
		}
	}
	return false;
}

static void
count_item(struct losses *l, enum item_kind kind, size_t i)
{
	size_t sources = snapshot_sources(l->one->before, kind, i);

	for (size_t n = 0; n < sources; n++) {
		uint16_t ta = ta_of(l, kind, i, n);

		if (ta != NOWHERE && (n == 0 || !seen(l, kind, i, n, ta))) {
			l->anchors[ta].had++;
		}
	}
}

static bool
failed_source(struct losses *l, enum item_kind kind, size_t i, size_t n)
{
	return judge_source(l, snapshot_source_number(l->one->before, kind, i,
				   n)) == FAILED;
}

static void
add_losses(struct losses *l, enum item_kind kind, size_t i)
{
	size_t sources = snapshot_sources(l->one->before, kind, i);
	size_t from = l->count;

	for (size_t n = 0; n < sources; n++) {
		struct loss loss = { .kind = kind,
			.first = true,
			.n = (uint16_t)n,
			.item = (uint32_t)i };

		if (n > UINT16_MAX || !failed_source(l, kind, i, n)) {
			continue;
		}
		loss.ta = ta_of(l, kind, i, n);
		for (size_t k = from; k < l->count; k++) {
			loss.first &= l->items[k].ta != loss.ta;
		}
		l->anchors[loss.ta].lost += loss.first ? 1 : 0;
		l->items =
		    array_room(l->items, l->count, &l->room, sizeof(*l->items));
		l->items[l->count++] = loss;
	}
}

/* Is the n-th source of the old item among those of the new one? */
static bool
same_source(const struct losses *l, size_t i, size_t n, size_t j)
{
	struct source_room room;

	return snapshot_has_source(l->one->fresh, ITEM_ASPA, j,
	    snapshot_source(l->one->before, ITEM_ASPA, i, n, &room));
}

/*
 * Which provider came from which source of an ASPA nobody knows any more. So it
 * comes back only where that is the same as what its sources said: all of them
 * failed, or stand in the new one (j; SIZE_MAX: there is none).
 */
static bool
aspa_comes_back(struct losses *l, size_t i, size_t j)
{
	bool any = false;

	for (size_t n = 0; n < snapshot_sources(l->one->before, ITEM_ASPA, i);
	     n++) {
		if (j != SIZE_MAX && same_source(l, i, n, j)) {
			continue;
		}
		if (!failed_source(l, ITEM_ASPA, i, n)) {
			return false;
		}
		any = true;
	}
	return any;
}

/* The old item i against the one of the same key in the fresh set, if any. */
static void
weigh(struct losses *l, enum item_kind kind, size_t i, size_t j)
{
	count_item(l, kind, i);
	if (kind == ITEM_ASPA) {
		if (aspa_comes_back(l, i, j)) {
			add_losses(l, kind, i);
		}
	} else if (j == SIZE_MAX) {
		add_losses(l, kind, i);
	}
}

static void
walk(struct losses *l, enum item_kind kind)
{
	const struct snapshot *before = l->one->before;
	const struct snapshot *fresh = l->one->fresh;
	size_t j = 0;

	for (size_t i = 0; i < snapshot_count(before, kind); i++) {
		int by = 1;

		while (j < snapshot_count(fresh, kind) &&
		       (by = snapshot_compare(before, i, fresh, j, kind)) > 0) {
			j++;
		}
		weigh(l, kind, i,
		    j < snapshot_count(fresh, kind) && by == 0 ? j : SIZE_MAX);
	}
}

struct losses *
losses_find(const struct losses_case *one)
{
	struct losses *l = mem_zero(1, sizeof(*l));

	l->one = one;
	l->tas = losses_match_tas(one->report, one->before);
	match_sources(l);
	match_repositories(l);
	l->lineage =
	    lineage_new(one->report, one->then, one->links, one->link_count);
	judge_anchors(l);
	l->marked =
	    mem_zero(sources_count(snapshot_book(one->before)) + (size_t)1,
		sizeof(*l->marked));
	l->verdicts =
	    mem_zero(sources_count(snapshot_book(one->before)) + (size_t)1, 1);
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		walk(l, (enum item_kind)kind);
	}
	return l;
}

void
losses_free(struct losses *l)
{
	if (l == NULL) {
		return;
	}
	free(l->tas);
	free(l->source_tas);
	free(l->marked);
	free(l->rootless);
	free(l->repositories);
	lineage_free(l->lineage);
	free(l->verdicts);
	free(l->anchors);
	free(l->items);
	free(l);
}

size_t
losses_count(const struct losses *l)
{
	return l->count;
}

const struct loss *
losses_at(const struct losses *l, size_t i)
{
	return &l->items[i];
}

const struct losses_anchor *
losses_anchor(const struct losses *l, size_t ta)
{
	return &l->anchors[ta];
}

const uint16_t *
losses_repositories(const struct losses *l, size_t *count)
{
	*count = l->repository_count;
	return l->repositories;
}

/* --- paths */

void
losses_mark(struct losses *l, const struct loss *loss)
{
	uint32_t number = snapshot_source_number(l->one->before, loss->kind,
	    loss->item, loss->n);
	struct source_room room;

	if (!l->marked[number]) {
		l->marked[number] = true;
		lineage_mark(l->lineage,
		    sources_get(snapshot_book(l->one->before), number, &room)
			->uri);
	}
}

struct lineage_link *
losses_marked(const struct losses *l, size_t *count)
{
	return lineage_marked(l->lineage, count);
}
