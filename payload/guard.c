/* SPDX-License-Identifier: BSD-2-Clause */
/* guard - see guard.h. */
#include "payload/guard.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "payload/graft.h"
#include "payload/losses.h"

/* --- memory */

void
guard_clear(struct guard *guard)
{
	for (size_t i = 0; i < guard->anchor_count; i++) {
		free(guard->anchors[i].name);
	}
	free(guard->anchors);
	free(guard->links);
	*guard = (struct guard){ .anchors = NULL };
}

static struct guard_anchor *
add_anchor(struct guard *guard, const char *name)
{
	struct guard_anchor *anchor;

	guard->anchors = array_room(guard->anchors, guard->anchor_count,
	    &guard->anchor_room, sizeof(*guard->anchors));
	anchor = &guard->anchors[guard->anchor_count++];
	*anchor = (struct guard_anchor){ .name = mem_text(name) };
	return anchor;
}

void
guard_copy(struct guard *to, const struct guard *from)
{
	*to = (struct guard){ .anchors = NULL };
	for (size_t i = 0; i < from->anchor_count; i++) {
		struct guard_anchor *anchor =
		    add_anchor(to, from->anchors[i].name);
		char *name = anchor->name;

		*anchor = from->anchors[i];
		anchor->name = name;
	}
	to->links = mem_zero(from->link_count + 1, sizeof(*to->links));
	to->link_count = from->link_count;
	if (from->link_count > 0) {
		memcpy(to->links, from->links,
		    from->link_count * sizeof(*to->links));
	}
}

void
guard_encode(struct octets *out, const struct guard *guard)
{
	octets_u32(out, (uint32_t)guard->anchor_count);
	for (size_t i = 0; i < guard->anchor_count; i++) {
		const struct guard_anchor *anchor = &guard->anchors[i];

		octets_text(out, anchor->name);
		octets_u64(out, (uint64_t)anchor->since);
		octets_u64(out, anchor->held);
		octets_u64(out, anchor->lost);
		octets_u8(out, anchor->accepted ? 1 : 0);
	}
	octets_u32(out, (uint32_t)guard->link_count);
	for (size_t i = 0; i < guard->link_count; i++) {
		octets_u64(out, guard->links[i].name);
		octets_u64(out, guard->links[i].parent);
	}
}

enum { ANCHOR_OCTETS = 29, LINK_OCTETS = 16 };

static void
read_anchor(struct guard *guard, struct cursor *c, struct arena *arena)
{
	const char *name = cursor_text(c, arena);
	struct guard_anchor *anchor;
	unsigned accepted;

	if (name == NULL) {
		cursor_fail(c);
		return;
	}
	anchor = add_anchor(guard, name);
	anchor->since = (int64_t)cursor_u64(c);
	anchor->held = cursor_u64(c);
	anchor->lost = cursor_u64(c);
	accepted = cursor_u8(c);
	anchor->accepted = accepted == 1;
	if (accepted > 1) {
		cursor_fail(c);
	}
}

bool
guard_decode(struct guard *guard, struct bytes in)
{
	struct cursor c = cursor_open(in);
	struct arena *arena = arena_new();
	size_t anchors = cursor_count(&c, ANCHOR_OCTETS);

	*guard = (struct guard){ .anchors = NULL };
	for (size_t i = 0; i < anchors && !c.bad; i++) {
		read_anchor(guard, &c, arena);
	}
	guard->link_count = cursor_count(&c, LINK_OCTETS);
	guard->links = mem_zero(guard->link_count + 1, sizeof(*guard->links));
	for (size_t i = 0; i < guard->link_count; i++) {
		guard->links[i].name = cursor_u64(&c);
		guard->links[i].parent = cursor_u64(&c);
	}
	arena_free(arena);
	if (!cursor_end(&c)) {
		guard_clear(guard);
		return false;
	}
	return true;
}

static struct guard_anchor *
find(const struct guard *guard, const char *name)
{
	for (size_t i = 0; i < guard->anchor_count; i++) {
		if (strcmp(guard->anchors[i].name, name) == 0) {
			return &guard->anchors[i];
		}
	}
	return NULL;
}

const struct guard_anchor *
guard_find(const struct guard *guard, const char *anchor)
{
	return find(guard, anchor);
}

bool
guard_holds(const struct guard *guard)
{
	for (size_t i = 0; i < guard->anchor_count; i++) {
		if (guard->anchors[i].since != 0) {
			return true;
		}
	}
	return false;
}

bool
guard_accept(struct guard *guard, const char *anchor)
{
	struct guard_anchor *found = find(guard, anchor);

	if (found == NULL || found->since == 0) {
		return false;
	}
	found->accepted = true;
	return true;
}

/* --- one run */

/* What is to become of a trust anchor's lost items; its memory follows. */
static enum guard_event
decide(struct guard_anchor *anchor, const struct guard_config *config,
    int64_t when, const struct losses_anchor *now)
{
	bool held = anchor->since != 0;

	if (now->lost == 0) {
		anchor->since = 0;
		anchor->accepted = false;
		anchor->lost = now->trouble ? anchor->lost : 0;
		return held ? GUARD_RECOVERED : GUARD_QUIET;
	}
	if (held && !anchor->accepted && when - anchor->since < config->time &&
	    config->drop != 0) {
		return GUARD_HOLDS;
	}
	if (held) {
		enum guard_event event =
		    anchor->accepted ? GUARD_ACCEPTED : GUARD_EXPIRED;

		/* What it let go is not to bring it back at the next item. */
		anchor->since = 0;
		anchor->accepted = true;
		return event;
	}
	if (config->drop != 0 && !anchor->accepted &&
	    (anchor->lost + now->lost) * 100 >
		config->drop * (anchor->lost + now->had)) {
		anchor->since = when;
		return GUARD_BEGINS;
	}
	anchor->lost += now->lost;
	return GUARD_QUIET;
}

static bool
holding(enum guard_event event)
{
	return event == GUARD_BEGINS || event == GUARD_HOLDS;
}

/* The memory of every trust anchor in the report, in its order; others go. */
static void
align(struct guard *guard, const struct report *report)
{
	struct guard fresh = { .anchors = NULL };

	for (size_t i = 0; i < report->ta_count; i++) {
		struct guard_anchor *old = find(guard, report->tas[i].name);
		struct guard_anchor *anchor =
		    add_anchor(&fresh, report->tas[i].name);

		if (old != NULL) {
			char *name = anchor->name;

			*anchor = *old;
			anchor->name = name;
		}
	}
	fresh.links = guard->links;
	fresh.link_count = guard->link_count;
	guard->links = NULL;
	guard_clear(guard);
	*guard = fresh;
}

/* The held items join those of the run. */
static const struct snapshot *
join(struct guard *guard, const struct losses_case *run, struct losses *losses,
    const enum guard_event *events)
{
	struct builder *builder = builder_new();
	size_t count;
	const uint16_t *repositories = losses_repositories(losses, &count);
	struct graft graft;

	builder_copy(builder, run->fresh, NULL, NULL);
	graft_init(&graft, builder, run->before, repositories, count);
	graft.held = true;
	for (size_t i = 0; i < losses_count(losses); i++) {
		const struct loss *loss = losses_at(losses, i);

		if (holding(events[loss->ta])) {
			graft_source(&graft, loss->kind, loss->item, loss->n);
			guard->anchors[loss->ta].held += loss->first ? 1 : 0;
			losses_mark(losses, loss);
		}
	}
	graft_clear(&graft);
	return builder_seal(builder);
}

const struct snapshot *
guard_apply(struct guard *guard, const struct guard_config *config,
    const struct losses_case *run, enum guard_event *events)
{
	struct losses_case one = *run;
	struct losses *losses;
	const struct snapshot *out = NULL;
	bool held = false;

	align(guard, run->report);
	for (size_t ta = 0; ta < run->report->ta_count; ta++) {
		events[ta] = GUARD_QUIET;
	}
	if (run->before == NULL) {
		return snapshot_get(run->fresh);
	}
	one.links = guard->links;
	one.link_count = guard->link_count;
	losses = losses_find(&one);
	for (size_t ta = 0; ta < run->report->ta_count; ta++) {
		struct guard_anchor *anchor = &guard->anchors[ta];

		events[ta] =
		    decide(anchor, config, run->now, losses_anchor(losses, ta));
		anchor->held = 0;
		held |= holding(events[ta]);
	}
	out =
	    held ? join(guard, run, losses, events) : snapshot_get(run->fresh);
	free(guard->links);
	guard->links = losses_marked(losses, &guard->link_count);
	losses_free(losses);
	return out;
}
