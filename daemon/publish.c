/* SPDX-License-Identifier: BSD-2-Clause */
/* publish - see publish.h. */
#include "daemon/publish.h"

#include <stdlib.h>

#include "base/mem.h"
#include "daemon/journal.h"
#include "payload/pending.h"

struct publish *
publish_new(void)
{
	return mem_zero(1, sizeof(struct publish));
}

void
publish_free(struct publish *publish)
{
	if (publish == NULL) {
		return;
	}
	snapshot_put(publish->offered);
	account_put(publish->account);
	snapshot_put(publish->plain);
	account_put(publish->then);
	snapshot_put(publish->before);
	guard_clear(&publish->guard);
	free(publish->events);
	snapshot_put(publish->whole);
	snapshot_put(publish->fresh);
	delta_put(publish->delta);
	delta_put(publish->plain_delta);
	shape_clear(&publish->effects);
	octets_clear(&publish->changes);
	free(publish);
}

static const struct snapshot *
guarded(struct publish *p)
{
	struct losses_case run = {
		.now = p->now,
		.before = p->plain,
		.then = p->then == NULL ? NULL : account_report(p->then),
	};
	const struct snapshot *out;

	if (p->offered == NULL) {
		return snapshot_get(p->plain);
	}
	run.report = account_report(p->account);
	run.fresh = p->early && p->plain != NULL
			? pending_keep(p->offered, p->plain, run.report, p->now)
			: snapshot_get(p->offered);
	p->events = mem_zero(run.report->ta_count + 1, sizeof(*p->events));
	out = guard_apply(&p->guard, &p->config, &run, p->events);
	snapshot_put(run.fresh);
	return out;
}

static const struct report *
report_of(const struct account *account)
{
	return account == NULL ? NULL : account_report(account);
}

/* Of which trust anchors does the guard let go? */
static const bool *
released(const struct publish *p, struct arena *arena)
{
	size_t count = p->events == NULL || p->account == NULL
			   ? 0
			   : account_report(p->account)->ta_count;
	bool *released = arena_zero(arena, count + 1, sizeof(*released));

	for (size_t i = 0; i < count; i++) {
		released[i] = p->events[i] == GUARD_ACCEPTED ||
			      p->events[i] == GUARD_EXPIRED;
	}
	return count == 0 ? NULL : released;
}

static void
explain(struct publish *p)
{
	struct arena *arena = arena_new();
	/* Where no engine offered anything the report is that of before. */
	const struct causes_case one = {
		.now = p->now,
		.served = { p->before, p->fresh },
		.whole = { p->plain, p->whole },
		.report = { report_of(p->then),
		    report_of(p->account != NULL ? p->account : p->then) },
		.released = released(p, arena),
	};
	struct change *changes;
	size_t count = causes_find(&one, p->delta, arena, &changes);

	journal_encode(&p->changes, changes, count);
	arena_free(arena);
}

void
publish_work(struct publish *p)
{
	const struct snapshot *all = guarded(p);

	p->whole = expire_apply(all, p->now, &p->expire);
	snapshot_put(all);
	p->fresh = shape_apply(&p->shape, p->whole, &p->effects);
	if (p->before != NULL) {
		p->delta = delta_new(p->before, p->fresh);
		explain(p);
	}
	if (p->before != NULL && p->whole != p->fresh) {
		p->plain_delta = delta_new(p->plain, p->whole);
	}
	p->moved = p->before == NULL || !delta_empty(p->delta) ||
		   !snapshot_same_tas(p->before, p->fresh);
}
