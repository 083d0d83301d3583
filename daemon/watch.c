/* SPDX-License-Identifier: BSD-2-Clause */
/* watch - see watch.h. */
#include "daemon/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/alarm.h"

/*
 * Where a whole network is away, something ends every second. Serials are made
 * for it at most so often in the long run, so that the kept deltas still reach
 * back to when a router asked last; what ends now and then leaves at once.
 */
enum {
	EXPIRY_MS = 60000,
	EXPIRY_AHEAD = 2,       /* serials that may come before their time */
	EXPIRY_TOGETHER = 5000, /* what ends within goes together */
	HOUR = 3600,
	CLOCK_SLACK = 5, /* a clock that is steered is not one that is set */
	CLOCK_LEAP = 60, /* and one that was wrong judged by a wrong time */
};

/* --- the collapse guard */

static void
say(const struct service *s, enum guard_event event,
    const struct guard_anchor *anchor)
{
	switch (event) {
	case GUARD_QUIET:
	case GUARD_HOLDS:
		break;
	case GUARD_BEGINS:
		log_error(s->log,
		    "%s: guard holds %llu items that could not be fetched any "
		    "more; `kedge guard --accept %s` lets them go",
		    anchor->name, (unsigned long long)anchor->held,
		    anchor->name);
		break;
	case GUARD_RECOVERED:
		log_warn(s->log, "%s: guard ends: nothing is missing any more",
		    anchor->name);
		break;
	case GUARD_ACCEPTED:
		log_warn(s->log, "%s: guard ends: the loss was accepted",
		    anchor->name);
		break;
	case GUARD_EXPIRED:
		log_error(s->log,
		    "%s: guard ends after --guard-time: what could not be "
		    "fetched is gone",
		    anchor->name);
		break;
	}
}

static void
show_guards(struct service *s)
{
	free(s->guards);
	s->guard_count = s->guard.anchor_count;
	s->guards = mem_zero(s->guard_count + 1, sizeof(*s->guards));
	for (size_t i = 0; i < s->guard_count; i++) {
		const struct guard_anchor *anchor = &s->guard.anchors[i];

		s->guards[i] = (struct view_guard){
			.ta = anchor->name,
			.active = anchor->since != 0,
			.since = anchor->since,
			.held = anchor->held,
		};
	}
}

void
watch_guard(struct service *s, struct publish *p)
{
	/* What was accepted while the worker was at it still is. */
	for (size_t i = 0; i < s->guard.anchor_count; i++) {
		if (s->guard.anchors[i].accepted) {
			(void)guard_accept(&p->guard, s->guard.anchors[i].name);
		}
	}
	guard_clear(&s->guard);
	s->guard = p->guard;
	p->guard = (struct guard){ .anchors = NULL };
	for (size_t i = 0; p->events != NULL && i < s->guard.anchor_count;
	     i++) {
		say(s, p->events[i], &s->guard.anchors[i]);
	}
	show_guards(s);
}

void
watch_guard_text(const struct service *s, struct octets *out)
{
	char since[CLOCK_TEXT];

	for (size_t i = 0; i < s->guard.anchor_count; i++) {
		const struct guard_anchor *anchor = &s->guard.anchors[i];

		if (anchor->since != 0) {
			clock_text(anchor->since, since);
			octets_printf(out,
			    "%s: %llu items are held since %s%s\n",
			    anchor->name, (unsigned long long)anchor->held,
			    since, anchor->accepted ? ", to be let go" : "");
		}
	}
}

bool
watch_accept(struct service *s, const char *anchor, struct octets *out)
{
	if (!guard_accept(&s->guard, anchor)) {
		octets_printf(out, "nothing is held of ");
		text_escape(out, text_bytes(anchor));
		return false;
	}
	octets_printf(out,
	    "the next run lets go of what is held of %s; it "
	    "begins now\n",
	    anchor);
	s->want_run = true;
	return true;
}

/* --- expiry */

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
watch_expiry(struct service *s, const struct expire *found)
{
	int64_t now = clock_age_ms();
	int64_t wait;

	if (found->gone > 0) {
		log_info(s->log, "%zu items have expired", found->gone);
		s->expiry_paid_ms = later(s->expiry_paid_ms, now) + EXPIRY_MS;
		s->expiry_next_ms =
		    later(s->expiry_paid_ms - (int64_t)EXPIRY_AHEAD * EXPIRY_MS,
			now + EXPIRY_TOGETHER);
	}
	alarm_off(s->expiry);
	if (found->next == INT64_MAX) {
		return;
	}
	wait = found->next < clock_wall() + HOUR
		   ? (found->next - clock_wall() + 1) * 1000
		   : HOUR * 1000;
	wait = later(wait, s->expiry_next_ms - now);
	alarm_set(s->expiry, later(wait, 1000));
}

/* --- freshness */

static struct fresh
look(const struct service *s)
{
	const struct setting *at = s->task->settings->at;
	struct fresh_contract contract = {
		.after = (int64_t)at[SET_STALE_AFTER].number,
		.policy = (enum fresh_policy)at[SET_STALE_POLICY].number,
	};

	/* Not by the wall: a clock that is set makes nothing stale or fresh. */
	return fresh_look(&contract,
	    s->last_good == 0 ? -1 : (clock_age_ms() - s->good_ms) / 1000);
}

void
watch_freshness(struct service *s)
{
	struct fresh fresh = look(s);

	if (fresh.stale != 0 && s->stale_since == 0) {
		s->stale_since = clock_wall() - fresh.stale;
		log_error(s->log, "no run succeeded for %llu s: %s",
		    (unsigned long long)s->task->settings->at[SET_STALE_AFTER]
			.number,
		    fresh.now == FRESH_SERVE ? "what is there is served on"
		    : fresh.now == FRESH_NO_DATA
			? "routers are told that there is no data"
			: "routers are sent away");
	} else if (fresh.stale == 0 && s->stale_since != 0) {
		s->stale_since = 0;
		log_warn(s->log, "a run succeeded: routers are served again");
	}
	if (fresh.now == s->freshness) {
		return;
	}
	s->freshness = fresh.now;
	feed_set_mode(s->feed,
	    fresh.now == FRESH_SERVE ? FEED_SERVE : FEED_NO_DATA);
	server_recheck(s->rtr);
	if (fresh.now == FRESH_SERVE) {
		server_changed(s->rtr);
	}
}

bool
watch_clock(struct service *s)
{
	int64_t offset = clock_wall() - clock_age_ms() / 1000;
	int64_t jump = offset - s->clock_offset;

	if (jump >= -CLOCK_SLACK && jump <= CLOCK_SLACK) {
		return false;
	}
	log_warn(s->log, "the clock was set by %+lld s", (long long)jump);
	s->clock_offset = offset;
	/* What has ended by this clock leaves now, and what was to come is
	 * there: a run finds it. None where it went back: what is served is
	 * no worse than before. */
	s->fresh = s->fresh || s->plain != NULL;
	s->want_run = s->want_run || jump >= CLOCK_LEAP;
	return true;
}

bool
watch_open(const struct service *s)
{
	return s->freshness != FRESH_CLOSE;
}
