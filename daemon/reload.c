/* SPDX-License-Identifier: BSD-2-Clause */
/* reload - see reload.h. */
#include "daemon/reload.h"

#include "base/clock.h"
#include "daemon/hosting.h"
#include "daemon/load.h"
#include "daemon/notify.h"

bool
reload_ask(struct service *s, struct octets *why)
{
	struct task *task = load_again(s->task, why);
	struct gate *gate = NULL;

	(void)log_reopen(s->log);
	if (task != NULL) {
		gate = gate_open(task->settings, s->gate, NULL, why);
	}
	if (gate == NULL) {
		load_free(task);
		s->refused_loads++;
		log_error(s->log, "reload refused: %.*s", (int)why->len,
		    (const char *)why->at);
		return false;
	}
	load_free(s->next);
	gate_free(s->next_gate);
	s->next = task;
	s->next_gate = gate;
	if (s->ready) {
		notify_reloading();
	}
	return true;
}

/* Nobody may be using what is about to go. */
static bool
may_change(const struct service *s)
{
	return s->next != NULL && !s->filing && !shift_asked(s->shift);
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
