/* SPDX-License-Identifier: BSD-2-Clause */
/* edition - see edition.h. */
#include "daemon/edition.h"

#include "base/clock.h"
#include "daemon/retain.h"
#include "daemon/watch.h"

void
edition_begin(struct service *s)
{
	const struct snapshot *now = history_current(s->history);
	const struct setting *at = s->task->settings->at;
	struct publish *p = publish_new();

	s->fresh = false;
	p->now = clock_wall();
	p->offered = s->offered;
	p->account = s->reported;
	p->early = s->early;
	s->offered = NULL;
	s->reported = NULL;
	p->plain = s->plain != NULL ? snapshot_get(s->plain) : NULL;
	p->then = s->account != NULL ? account_get(s->account) : NULL;
	p->before = now != NULL ? snapshot_get(now) : NULL;
	p->shape = shape_of(s->task->settings, s->task->exceptions);
	p->config = (struct guard_config){
		.drop = (unsigned)at[SET_GUARD_DROP].number,
		.time = (int64_t)at[SET_GUARD_TIME].number,
	};
	guard_copy(&p->guard, &s->guard);
	pool_submit(s->pool, errand_publish(p));
}

void
edition_write(struct service *s)
{
	s->refile = s->filing && s->targets->count > 0;
	if (s->targets->count == 0 || s->filing || s->account == NULL) {
		return;
	}
	s->filing = true;
	pool_submit(s->pool,
	    errand_files(s->targets, history_current(s->history), s->account,
		s->log));
}

/* What was made ready is ours now, whether it changed anything or not. */
static void
take_over(struct service *s, struct publish *p)
{
	snapshot_put(s->plain);
	s->plain = p->whole;
	p->whole = NULL;
	if (p->account != NULL) {
		account_put(s->account);
		s->account = p->account;
		p->account = NULL;
	}
	shape_log(s->log, &p->shape, &p->effects);
	shape_clear(&s->effects);
	s->made = clock_wall();
	s->edition++;
	if (p->moved) {
		s->attributed = s->made;
		s->attributed_in = s->edition;
	}
	s->too_long = p->effects.removed;
	s->limits = p->shape.limits;
	s->effects = p->effects;
	p->effects = (struct shape_effects){ 0 };
	watch_guard(s, p);
	watch_expiry(s, &p->expire);
}

void
edition_adopt(struct service *s)
{
	struct publish *p = s->published;
	bool first = history_current(s->history) == NULL;
	bool changed = history_advance(s->history, p->fresh, p->delta);
	struct octets noted = p->changes;

	p->fresh = NULL;
	p->delta = NULL;
	p->changes = (struct octets){ 0 };
	take_over(s, p);
	pool_submit(s->pool, errand_discard(p));
	s->published = NULL;
	service_ready(s);
	if (changed) {
		s->changed = s->made;
		feed_changed(s->feed);
		server_changed(s->rtr);
		log_info(s->log, "serial %u",
		    (unsigned)history_serial(s->history));
		retain_note(s, &noted);
	}
	octets_clear(&noted);
	/* A run saves at its end; until then what is ahead is enough. */
	s->unsaved = true;
	if (first) {
		retain_save(s);
	} else if (!s->running) {
		retain_save_later(s);
	}
	web_changed(s->web);
	edition_write(s);
}
