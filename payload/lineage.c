/* SPDX-License-Identifier: BSD-2-Clause */
/* lineage - see lineage.h. */
#include "payload/lineage.h"

#include <stdlib.h>

#include "base/mem.h"

enum { MOST_DEPTH = 256 };

/* Of one point, or of a path. */
enum verdict { UNKNOWN, STANDS, FAILED };

struct link {
	struct lineage_link link;
	bool marked;
};

struct lineage {
	const struct report *now;
	const struct report_point **points; /* of it, by name */
	struct link *links;                 /* by name */
	size_t link_count;
};

static int
order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_points(const void *left, const void *right)
{
	const struct report_point *const *a = left;
	const struct report_point *const *b = right;

	return order((*a)->name, (*b)->name);
}

static void
sort_points(struct lineage *l)
{
	const struct report *now = l->now;

	l->points = mem_zero(now->point_count + 1, sizeof(*l->points));
	for (size_t i = 0; i < now->point_count; i++) {
		l->points[i] = &now->points[i];
	}
	qsort(l->points, now->point_count, sizeof(*l->points), compare_points);
}

static int
compare_links(const void *left, const void *right)
{
	const struct link *a = left;
	const struct link *b = right;
	int by = order(a->link.name, b->link.name);

	return by != 0 ? by : order(a->link.parent, b->link.parent);
}

static void
sort_links(struct lineage *l, const struct report *then,
    const struct lineage_link *links, size_t count)
{
	size_t points = then == NULL ? 0 : then->point_count;
	size_t n = 0;

	l->links = mem_zero(points + count + 1, sizeof(*l->links));
	for (size_t i = 0; i < points; i++) {
		const struct report_point *p = &then->points[i];

		l->links[n].link.name = p->name;
		l->links[n++].link.parent = p->parent == REPORT_NO_POINT
						? 0
						: then->points[p->parent].name;
	}
	for (size_t i = 0; i < count; i++) {
		l->links[n++].link = links[i];
	}
	qsort(l->links, n, sizeof(*l->links), compare_links);
	l->link_count = n;
}

static const struct report_point *const *
first_point(const struct lineage *l, uint64_t name)
{
	size_t low = 0;
	size_t high = l->now->point_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->points[middle]->name < name) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return &l->points[low];
}

/* What this run says of the point itself: CAs that change their key may share
 * a name for a while, and then any that was judged speaks for both. */
static enum verdict
judge_point(const struct lineage *l, uint64_t name)
{
	const struct report_point *const *at = first_point(l, name);
	const struct report_point *const *end = l->points + l->now->point_count;
	enum verdict verdict = UNKNOWN;

	for (; at < end && (*at)->name == name; at++) {
		if (!report_point_failed(l->now, *at)) {
			return STANDS;
		}
		verdict = FAILED;
	}
	return verdict;
}

static size_t
first_link(const struct lineage *l, uint64_t name)
{
	size_t low = 0;
	size_t high = l->link_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->links[middle].link.name < name) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* Up to the first point that this run knows. All ways up must have failed. */
static enum verdict
judge_path(const struct lineage *l, uint64_t name, unsigned depth)
{
	enum verdict verdict = judge_point(l, name);

	if (verdict != UNKNOWN) {
		return verdict;
	}
	for (size_t i = first_link(l, name);
	     i < l->link_count && l->links[i].link.name == name; i++) {
		uint64_t parent = l->links[i].link.parent;

		if (parent == 0 || depth == MOST_DEPTH ||
		    judge_path(l, parent, depth + 1) != FAILED) {
			return STANDS;
		}
		verdict = FAILED;
	}
	return verdict == UNKNOWN ? STANDS : verdict;
}

static void
mark(struct lineage *l, uint64_t name, unsigned depth)
{
	if (judge_point(l, name) != UNKNOWN || depth == MOST_DEPTH) {
		return;
	}
	for (size_t i = first_link(l, name);
	     i < l->link_count && l->links[i].link.name == name; i++) {
		if (!l->links[i].marked) {
			l->links[i].marked = true;
			mark(l, l->links[i].link.parent, depth + 1);
		}
	}
}

struct lineage *
lineage_new(const struct report *now, const struct report *then,
    const struct lineage_link *links, size_t count)
{
	struct lineage *l = mem_zero(1, sizeof(*l));

	l->now = now;
	sort_points(l);
	sort_links(l, then, links, count);
	return l;
}

void
lineage_free(struct lineage *l)
{
	if (l == NULL) {
		return;
	}
	free(l->points);
	free(l->links);
	free(l);
}

bool
lineage_failed(const struct lineage *l, const char *uri)
{
	return judge_path(l, report_point_name(uri), 0) == FAILED;
}

void
lineage_mark(struct lineage *l, const char *uri)
{
	mark(l, report_point_name(uri), 0);
}

struct lineage_link *
lineage_marked(const struct lineage *l, size_t *count)
{
	struct lineage_link *links =
	    mem_zero(l->link_count + 1, sizeof(*links));
	size_t n = 0;

	for (size_t i = 0; i < l->link_count; i++) {
		/* The same may have come twice. */
		if (l->links[i].marked &&
		    (n == 0 || links[n - 1].name != l->links[i].link.name ||
			links[n - 1].parent != l->links[i].link.parent)) {
			links[n++] = l->links[i].link;
		}
	}
	*count = n;
	return links;
}
