/* SPDX-License-Identifier: BSD-2-Clause */
/* reload - see reload.h. */
#include "daemon/reload.h"

#include "base/clock.h"
#include "daemon/hosting.h"
#include "daemon/load.h"
#include "daemon/notify.h"

void
reload_ask(struct service *s)
{
	(void)log_reopen(s->log);
	if (s->loading) {
		s->reload = true; /* files may be others by now */
		return;
	}
	s->loading = true;
	s->reload = false;
	pool_submit(s->pool, errand_load(s->task));
}

static void
refuse(struct service *s, struct errand *errand)
{
	s->refused_loads++;
	log_error(s->log, "reload refused: %.*s", (int)errand->why.len,
	    (const char *)errand->why.at);
	s->refusal = errand->why;
	errand->why = (struct octets){ 0 };
}

void
reload_come(struct service *s, struct errand *errand)
{
	struct gate *gate = NULL;

	s->loading = false;
	octets_clear(&s->refusal);
	if (errand->loaded != NULL) {
		gate = gate_open(errand->loaded->settings, s->gate, NULL,
		    &errand->why);
	}
	if (gate == NULL) {
		refuse(s, errand);
	} else {
		load_free(s->next);
		gate_free(s->next_gate);
		s->next = errand->loaded;
		s->next_gate = gate;
		errand->loaded = NULL;
		if (s->ready) {
			notify_reloading();
		}
	}
	if (s->reload) {
		reload_ask(s);
	}
}

/* Nobody may be using what is about to go, not even to read it again. */
static bool
may_change(const struct service *s)
{
	return s->next != NULL && !s->loading && !s->filing &&
	       !shift_asked(s->shift);
}

static void
change_over(struct service *s)
{
	hosting_gate(s, s->next_gate);
	s->next_gate = NULL;
	load_free(s->own);
	s->own = s->next;
	s->task = s->next;
	s->next = NULL;
	s->targets = s->task->targets;
	shape_clear(&s->effects); /* of other exceptions */
	hosting_take(s);
	log_limit(s->log, s->task->log_level);
	s->loaded = clock_wall();
	s->loads++;
	/* Exceptions may be others, and so may trust anchors. */
	s->fresh = s->fresh || s->plain != NULL;
	s->want_run = true;
	if (s->ready) {
		notify_ready();
	}
	log_info(s->log, "settings taken");
}

void
reload_take(struct service *s)
{
	if (may_change(s)) {
		change_over(s);
	}
}
