/* SPDX-License-Identifier: BSD-2-Clause */
/* retain - see retain.h. */
#include "daemon/retain.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/alarm.h"
#include "daemon/journal.h"
#include "daemon/keep.h"

/* Routers have what changed by then, and a core is free for it. */
enum { SAVE_MS = 1000 };

/* The disk cannot be trusted with our names any more: go on under others. */
static void
rename_sessions(struct service *s)
{
	keep_draw(&s->ids, NULL);
	feed_set_sessions(s->feed, s->ids.rtr);
	log_error(s->log,
	    "state cannot be kept: routers will take a new session");
}

static void
on_kept(evutil_socket_t fd, short what, void *arg)
{
	struct service *s = arg;
	struct keep_news news;

	(void)fd;
	(void)what;
	while (keep_hear(s->keep, &news)) {
		if (news.event == KEEP_RENAME) {
			rename_sessions(s);
		}
		if (news.event == KEEP_RENAME || news.event == KEEP_TOLD) {
			s->ahead = AHEAD_DONE;
		}
	}
	service_advance(s);
}

/* A clock that was set back since makes it no younger than now. */
static int64_t
ms_since(int64_t when)
{
	int64_t now = clock_wall();

	return now > when ? (now - when) * 1000 : 0;
}

static void
take_up(struct service *s, struct kept *kept)
{
	s->ids = kept->ids;
	s->last_good = kept->last_run;
	s->good_ms = clock_age_ms() - ms_since(kept->last_run);
	s->last_complete = kept->last_complete;
	s->changed = kept->last_change;
	if (!guard_decode(&s->guard, octets_bytes(&kept->guard))) {
		s->guard = (struct guard){ .anchors = NULL };
	}
	if (kept->current == NULL) {
		return;
	}
	history_restore(s->history, snapshot_get(kept->current), kept->deltas,
	    kept->delta_count);
	kept->delta_count = 0; /* they are the history's now */
	s->plain = snapshot_get(kept->plain);
	if (kept->account != NULL) {
		s->account = account_get(kept->account);
	}
	s->made = kept->last_run;
	s->attributed = s->made;
	s->attributed_in = s->edition;
	/* Local policy may be another now, and something may have ended. */
	s->fresh = true;
	log_info(s->log, "serial %u, as kept: %zu VRPs", (unsigned)kept->serial,
	    snapshot_vrps(kept->current));
}

static void
open_journal(struct service *s, const char *folder, uint64_t size)
{
	int rc =
	    size == 0 ? 0 : journal_open(&s->journal, folder, size, s->log);

	if (rc != 0) {
		log_error(s->log,
		    "%s/journal: %s: changes are not written down", folder,
		    strerror(-rc));
	}
}

static void
write_state(struct service *s)
{
	struct kept kept = {
		.ids = s->ids,
		.serial = history_serial(s->history),
		.current = history_current(s->history),
		.plain = s->plain,
		.account = s->account,
		.last_run = s->last_good,
		.last_complete = s->last_complete,
		.last_change = s->changed,
		.delta_count = history_deltas(s->history),
	};

	kept.deltas = mem_zero(kept.delta_count + 1, sizeof(*kept.deltas));
	for (size_t i = 0; i < kept.delta_count; i++) {
		kept.deltas[i] = history_delta(s->history, i);
	}
	guard_encode(&kept.guard, &s->guard);
	keep_save(s->keep, &kept);
	s->unsaved = false;
	free(kept.deltas);
	octets_clear(&kept.guard);
}

static void
on_save(void *arg)
{
	write_state(arg);
}

static bool
can_save(const struct service *s)
{
	return s->keep != NULL && history_current(s->history) != NULL;
}

void
retain_begin(struct service *s)
{
	const struct setting *at = s->task->settings->at;
	const char *folder = at[SET_STATE_DIR].text;
	struct kept kept = { .serial = 1 };
	int rc = keep_open(&s->keep, folder, s->log);

	if (rc == 0) {
		keep_load(s->keep, &kept);
		s->save = alarm_new(s->base, NULL, on_save, s);
		s->kept = event_new(s->base, keep_bell(s->keep),
		    EV_READ | EV_PERSIST, on_kept, s);
		(void)event_add(s->kept, NULL);
	} else {
		log_error(s->log, "%s: %s: nothing is kept over a restart",
		    folder, strerror(-rc));
		keep_draw(&kept.ids, &kept.serial);
	}
	open_journal(s, folder, at[SET_JOURNAL_SIZE].number);
	if (s->journal != NULL) {
		journal_mend(s->journal, kept.notes, kept.note_count);
	}
	s->history = history_new(kept.serial, (unsigned)at[SET_HISTORY].number);
	take_up(s, &kept);
	kept_clear(&kept);
}

void
retain_end(struct service *s)
{
	if (s->unsaved && can_save(s)) {
		write_state(s);
	}
	alarm_free(s->save);
	if (s->kept != NULL) {
		event_free(s->kept);
	}
	keep_close(s->keep);
	journal_close(s->journal);
}

bool
retain_told(struct service *s)
{
	const struct publish *p = s->published;

	if (s->ahead == AHEAD_DONE) {
		s->ahead = AHEAD_NOTHING_ASKED;
		return true;
	}
	if (s->ahead == AHEAD_ASKED) {
		return false;
	}
	if (s->keep == NULL || p->delta == NULL || delta_empty(p->delta)) {
		return true;
	}
	s->ahead = AHEAD_ASKED;
	keep_ahead(s->keep, &s->ids,
	    &(struct ahead_serial){
		.serial = history_serial(s->history) + 1,
		.when = clock_wall(),
		.delta = p->delta,
		.to = p->fresh,
		.plain_delta = p->plain_delta,
		.plain = p->plain_delta != NULL ? p->whole : NULL,
		.changes = s->journal != NULL ? octets_bytes(&p->changes)
					      : bytes_of(NULL, 0),
	    });
	return false;
}

void
retain_note(struct service *s, struct octets *changes)
{
	const struct snapshot *now = history_current(s->history);
	struct journal_head head = {
		.session = s->ids.json,
		.serial = history_serial(s->history),
		.when = clock_wall(),
	};

	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		head.totals[kind] = snapshot_count(now, (enum item_kind)kind);
	}
	if (s->journal != NULL) {
		journal_add(s->journal, &head, changes);
	}
}

void
retain_save(struct service *s)
{
	if (can_save(s)) {
		alarm_off(s->save);
		write_state(s);
	}
}

void
retain_save_later(struct service *s)
{
	s->unsaved = true;
	if (can_save(s) && !alarm_pending(s->save)) {
		alarm_set(s->save, SAVE_MS);
	}
}
