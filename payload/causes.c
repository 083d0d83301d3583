/* SPDX-License-Identifier: BSD-2-Clause */
/* causes - see causes.h. */
#include "payload/causes.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

enum { OLD, NEW, SIDES, MOST_DEPTH = 256 };

static const char *const names[CAUSES] = {
	[CAUSE_OBJECT_NEW] = "object-new",
	[CAUSE_OBJECT_CHANGED] = "object-changed",
	[CAUSE_POINT_BACK] = "point-back",
	[CAUSE_OBJECT_GONE] = "object-gone",
	[CAUSE_OBJECT_REJECTED] = "object-rejected",
	[CAUSE_EXPIRED] = "expired",
	[CAUSE_REPOSITORY_STALE] = "repository-stale",
	[CAUSE_POINT_FAILED] = "point-failed",
	[CAUSE_CA_GONE] = "ca-gone",
	[CAUSE_ANCHOR_FAILED] = "anchor-failed",
	[CAUSE_ANCHOR_REMOVED] = "anchor-removed",
	[CAUSE_GUARD_RELEASED] = "guard-released",
	[CAUSE_LOCAL] = "local",
	[CAUSE_UNKNOWN] = "unknown",
};

const char *
causes_name(enum cause cause)
{
	return names[cause];
}

/* What has to be looked up more than once. */
struct causes {
	const struct causes_case *one;
	struct arena *arena;
	struct map *points[SIDES];  /* name to its row in the report */
	struct map *findings;       /* URI to the first fault of the new run */
	struct map *objects[SIDES]; /* URIs asked for that this side has */
	struct change *changes;
	size_t count;
};

static struct bytes
text_key(const char *text)
{
	return bytes_of(text, strlen(text));
}

static struct map *
index_points(const struct report *report)
{
	struct map *map = map_new();

	for (size_t i = 0; report != NULL && i < report->point_count; i++) {
		struct report_point *p = &report->points[i];
		struct report_point *old =
		    map_set(map, bytes_of(&p->name, sizeof(p->name)), p);

		/* Of CAs that share a name the one that was judged speaks. */
		if (old != NULL && old->state != POINT_REJECTED) {
			map_set(map, bytes_of(&p->name, sizeof(p->name)), old);
		}
	}
	return map;
}

static struct map *
index_findings(const struct report *report)
{
	struct map *map = map_new();

	for (size_t i = 0; report != NULL && i < report->finding_count; i++) {
		struct report_finding *f = &report->findings[i];

		if (fault_rejects(f->fault) &&
		    map_get(map, text_key(f->uri)) == NULL) {
			map_set(map, text_key(f->uri), f);
		}
	}
	return map;
}

/* An ASPA of the same customer is not yet the same ASPA. */
static bool
has(const struct snapshot *set, const struct change *change)
{
	size_t i = snapshot_find(set, change->kind, &change->item);
	const struct aspa *there;

	if (i == SIZE_MAX || change->kind != ITEM_ASPA) {
		return i != SIZE_MAX;
	}
	there = snapshot_aspa(set, i);
	return there->count == change->item.aspa.count &&
	       memcmp(there->providers, change->item.aspa.providers,
		   there->count * sizeof(*there->providers)) == 0;
}

/* --- objects of the other side: asked for first, then found in one pass */

static void
want_object(struct causes *c, unsigned side, const char *uri)
{
	if (map_get(c->objects[side], text_key(uri)) == NULL) {
		map_set(c->objects[side], text_key(uri),
		    arena_zero(c->arena, 1, sizeof(bool)));
	}
}

static void
find_objects(struct causes *c, unsigned side)
{
	const struct snapshot *set = c->one->whole[side];
	struct source_room room;

	if (set == NULL || map_count(c->objects[side]) == 0) {
		return;
	}
	for (uint32_t i = 0; i < sources_count(snapshot_book(set)); i++) {
		bool *found = map_get(c->objects[side],
		    text_key(sources_get(snapshot_book(set), i, &room)->uri));

		if (found != NULL) {
			*found = true;
		}
	}
}

static bool
other_side_has(const struct causes *c, unsigned side, const char *uri)
{
	const bool *found = map_get(c->objects[side], text_key(uri));

	return found != NULL && *found;
}

/* --- points */

static const struct report_point *
find_point(const struct causes *c, unsigned side, uint64_t name)
{
	return map_get(c->points[side], bytes_of(&name, sizeof(name)));
}

/* The point of this name, or the first above it that the new run knows. */
static const struct report_point *
known_now(const struct causes *c, uint64_t name)
{
	const struct report *then = c->one->report[OLD];
	const struct report_point *now = find_point(c, NEW, name);

	for (unsigned i = 0; now == NULL && i < MOST_DEPTH; i++) {
		const struct report_point *old = find_point(c, OLD, name);

		if (old == NULL || old->parent == REPORT_NO_POINT) {
			return NULL;
		}
		name = then->points[old->parent].name;
		now = find_point(c, NEW, name);
	}
	return now;
}

/* --- one change */

static void
come(struct causes *c, struct change *change)
{
	uint64_t name = report_point_name(change->uri);
	const struct report_point *old = find_point(c, OLD, name);

	if (!has(c->one->whole[NEW], change) ||
	    has(c->one->whole[OLD], change)) {
		change->cause = CAUSE_LOCAL;
	} else if (other_side_has(c, OLD, change->uri)) {
		change->cause = CAUSE_OBJECT_CHANGED;
	} else if (c->one->report[OLD] == NULL) {
		change->cause = CAUSE_UNKNOWN;
	} else {
		change->cause = old != NULL && old->state == POINT_REJECTED
				    ? CAUSE_POINT_BACK
				    : CAUSE_OBJECT_NEW;
	}
}

/* A point that was not believed: its repository may say more. */
static void
blame_point(struct causes *c, struct change *change,
    const struct report_point *point)
{
	const struct report *report = c->one->report[NEW];
	enum fault fault = point->repository == UINT16_MAX
			       ? FAULT_NONE
			       : report->repositories[point->repository].fault;

	change->cause = CAUSE_POINT_FAILED;
	if (fault != FAULT_NONE) {
		change->detail = fault_label(fault);
	}
	for (size_t i = 0; fault == FAULT_NONE && i < report->finding_count;
	     i++) {
		const struct report_finding *f = &report->findings[i];

		if (f->point != NULL && fault_rejects(f->fault) &&
		    report_point_name(f->point) == point->name) {
			change->detail = fault_label(f->fault);
			return;
		}
	}
}

/* What failed before, and was held until now. */
static void
blame_guard(struct causes *c, struct change *change)
{
	const struct report *report = c->one->report[NEW];
	const struct report_ta *ta = report_find_ta(report, change->ta);

	if (c->one->released != NULL && ta != NULL &&
	    c->one->released[ta - report->tas] &&
	    (change->cause == CAUSE_POINT_FAILED ||
		change->cause == CAUSE_ANCHOR_FAILED)) {
		change->cause = CAUSE_GUARD_RELEASED;
	}
}

/* It ended: was there a way to hear of what takes its place? */
static void
blame_time(struct causes *c, struct change *change)
{
	const struct report *report = c->one->report[NEW];
	const struct report_point *point =
	    known_now(c, report_point_name(change->uri));
	const struct report_repository *repository =
	    point == NULL || point->repository == UINT16_MAX
		? NULL
		: &report->repositories[point->repository];

	change->cause = CAUSE_EXPIRED;
	if (repository != NULL && repository->fault != FAULT_NONE &&
	    (repository->state == REPO_STALE ||
		repository->state == REPO_BACKING_OFF)) {
		change->cause = CAUSE_REPOSITORY_STALE;
		change->detail = fault_label(repository->fault);
	}
}

static void
blame_path(struct causes *c, struct change *change)
{
	const struct report *report = c->one->report[NEW];
	uint64_t name = report_point_name(change->uri);
	const struct report_ta *ta = report_find_ta(report, change->ta);
	const struct report_point *point = known_now(c, name);

	if (ta == NULL) {
		change->cause = CAUSE_ANCHOR_REMOVED;
	} else if (point != NULL && (point->state == POINT_REJECTED ||
					point->state == POINT_WAITING)) {
		blame_point(c, change, point);
	} else if (point != NULL) {
		change->cause =
		    point->name == name ? CAUSE_OBJECT_GONE : CAUSE_CA_GONE;
	} else if (ta->fault != FAULT_NONE) {
		change->cause = CAUSE_ANCHOR_FAILED;
		change->detail = fault_label(ta->fault);
	} else {
		change->cause =
		    c->one->report[OLD] == NULL ? CAUSE_UNKNOWN : CAUSE_CA_GONE;
	}
}

static void
go(struct causes *c, struct change *change, int64_t expires)
{
	const struct report_finding *finding =
	    map_get(c->findings, text_key(change->uri));

	if (!has(c->one->whole[OLD], change) ||
	    has(c->one->whole[NEW], change)) {
		change->cause = CAUSE_LOCAL;
	} else if (expires < c->one->now) {
		blame_time(c, change);
	} else if (other_side_has(c, NEW, change->uri)) {
		change->cause = CAUSE_OBJECT_CHANGED;
	} else if (finding != NULL) {
		change->cause = CAUSE_OBJECT_REJECTED;
		change->detail = fault_label(finding->fault);
	} else if (c->one->report[NEW] == NULL) {
		change->cause = CAUSE_UNKNOWN;
	} else {
		blame_path(c, change);
		blame_guard(c, change);
	}
}

/* --- all changes */

/* Where the change comes from: its own side's set, before policy if it can. */
static void
set_source(struct causes *c, struct change *change, int64_t *expires)
{
	unsigned side = change->action == DELTA_ANNOUNCE ? NEW : OLD;
	const struct snapshot *set = c->one->whole[side];
	size_t i = snapshot_find(set, change->kind, &change->item);
	struct source_room room;
	const struct source *source;

	if (i == SIZE_MAX) {
		set = c->one->served[side];
		i = snapshot_find(set, change->kind, &change->item);
	}
	change->uri = change->ta = change->detail = "";
	*expires = INT64_MAX;
	if (i == SIZE_MAX) {
		return;
	}
	*expires = snapshot_expires(set, change->kind, i);
	source = snapshot_source(set, change->kind, i, 0, &room);
	change->uri = arena_text(c->arena, source->uri);
	if (source->ta != SOURCE_NO_TA) {
		change->ta =
		    arena_text(c->arena, snapshot_ta_name(set, source->ta));
	}
	want_object(c, side == NEW ? OLD : NEW, change->uri);
}

static struct change *
add(struct causes *c, enum item_kind kind, enum delta_action action)
{
	struct change *change = &c->changes[c->count++];

	change->kind = kind;
	change->action = action;
	return change;
}

static void
list(struct causes *c, const struct delta *delta, enum delta_action action)
{
	for (size_t i = 0; i < delta_count(delta, ITEM_VRP, action); i++) {
		add(c, ITEM_VRP, action)->item.vrp =
		    *delta_vrp(delta, action, i);
	}
	for (size_t i = 0; i < delta_count(delta, ITEM_ROUTER_KEY, action);
	     i++) {
		add(c, ITEM_ROUTER_KEY, action)->item.key =
		    *delta_router_key(delta, action, i);
	}
	for (size_t i = 0; i < delta_aspas(delta); i++) {
		const struct delta_aspa *row = delta_aspa(delta, i);

		if ((row->after.count != 0) == (action == DELTA_ANNOUNCE)) {
			add(c, ITEM_ASPA, action)->item.aspa =
			    action == DELTA_ANNOUNCE ? row->after : row->before;
		}
	}
}

static size_t
count_all(const struct delta *delta)
{
	size_t n = 0;

	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		n += delta_count(delta, (enum item_kind)k, DELTA_WITHDRAW) +
		     delta_count(delta, (enum item_kind)k, DELTA_ANNOUNCE);
	}
	return n;
}

static void
judge(struct causes *c)
{
	int64_t *expires = mem_zero(c->count + 1, sizeof(*expires));

	for (size_t i = 0; i < c->count; i++) {
		set_source(c, &c->changes[i], &expires[i]);
	}
	find_objects(c, OLD);
	find_objects(c, NEW);
	for (size_t i = 0; i < c->count; i++) {
		if (c->changes[i].action == DELTA_ANNOUNCE) {
			come(c, &c->changes[i]);
		} else {
			go(c, &c->changes[i], expires[i]);
		}
	}
	free(expires);
}

size_t
causes_find(const struct causes_case *one, const struct delta *delta,
    struct arena *arena, struct change **changes)
{
	struct causes c = {
		.one = one,
		.arena = arena,
		.findings = index_findings(one->report[NEW]),
		.changes =
		    arena_zero(arena, count_all(delta) + 1, sizeof(*c.changes)),
	};

	for (unsigned side = 0; side < SIDES; side++) {
		c.points[side] = index_points(one->report[side]);
		c.objects[side] = map_new();
	}
	list(&c, delta, DELTA_WITHDRAW);
	list(&c, delta, DELTA_ANNOUNCE);
	judge(&c);
	for (unsigned side = 0; side < SIDES; side++) {
		map_free(c.points[side]);
		map_free(c.objects[side]);
	}
	map_free(c.findings);
	*changes = c.changes;
	return c.count;
}
