/* SPDX-License-Identifier: BSD-2-Clause */
/* rota - see rota.h. */
#include "daemon/rota.h"

#include <stdio.h>

#include "base/clock.h"
#include "daemon/alarm.h"
#include "daemon/findings.h"
#include "daemon/retain.h"

enum { FIRST_PAUSE = 10 }; /* seconds after a first failed run, then twice */

/* --- what an engine brings */

static void
on_set(void *arg, const struct shift_set *set)
{
	struct service *s = arg;

	snapshot_put(s->offered);
	account_put(s->reported);
	s->offered = set->snapshot;
	s->reported = set->account;
	s->complete = set->seal.complete;
	s->early = set->seal.kind == WIRE_SEAL_EARLY;
	s->fresh = true;
	if (s->first_set_ms == 0) {
		s->first_set_ms = clock_mono_ms();
	}
	log_info(s->log, "%s set: %zu VRPs, %zu router keys, %zu ASPAs",
	    set->seal.kind == WIRE_SEAL_EARLY ? "early" : "whole",
	    snapshot_vrps(s->offered), snapshot_router_keys(s->offered),
	    snapshot_aspas(s->offered));
	findings_log(s->log, account_report(s->reported), &s->task->policy,
	    setting_on(s->task->settings, SET_LOG_REPOSITORY_ISSUES)
		? FINDINGS_ASKED
		: FINDINGS_QUIETLY);
	service_advance(s);
}

static void
on_over(void *arg)
{
	service_advance(arg);
}

static void
on_keeper_gone(void *arg)
{
	struct service *s = arg;

	log_error(s->log, "the keeper has died; start kedge again");
	s->exit_code = TASK_ERROR;
	s->want_stop = true;
	service_advance(s);
}

struct shift_ears
rota_ears(struct service *s)
{
	return (struct shift_ears){
		.arg = s,
		.set = on_set,
		.over = on_over,
		.keeper_gone = on_keeper_gone,
	};
}

/* --- when it begins, and how it ended */

/* Who is slow may take as long as any repository, and as all others have until
 * they are asked again. */
static uint64_t
time_to_straggle(const struct service *s)
{
	uint64_t refresh = s->task->settings->at[SET_REFRESH].number;
	uint64_t any = s->task->policy.repository_timeout;

	return refresh > any ? refresh : any;
}

void
rota_begin(struct service *s)
{
	alarm_off(s->due);
	s->run_due = 0;
	s->want_run = false;
	s->running = true;
	s->run_started = clock_wall();
	s->run_began_ms = clock_mono_ms();
	s->engine.runs++;
	s->policy = s->task->policy;
	s->policy.early_seal = true;
	s->policy.served = history_current(s->history) != NULL;
	s->policy.straggle = time_to_straggle(s);
	s->first_set_ms = 0;
	s->policy.back_off = !s->eager;
	s->eager = false;
	shift_begin(s->shift, &s->policy);
}

static void
plan_run(struct service *s, int64_t seconds)
{
	s->run_due = clock_wall() + seconds;
	alarm_set(s->due, seconds * 1000);
}

static void
count_run(struct service *s)
{
	const struct report *report = account_report(s->account);

	s->engine.cpu_us += report->cpu_us;
	s->engine.memory_kb = report->memory_kb;
	s->engine.signatures += report->signatures;
	s->engine.judged += report->judged;
	s->engine.remembered += report->remembered;
}

/* Since there was a set first: who came after that puts off nobody's turn.
 * Soon enough that nothing is served longer than it is valid. */
static int64_t
pause_before_next(const struct service *s)
{
	const struct setting *at = s->task->settings->at;
	int64_t refresh = (int64_t)at[SET_REFRESH].number;
	int64_t least = (int64_t)at[SET_MIN_REFRESH].number;
	int64_t left = account_report(s->account)->valid_until - clock_wall();

	refresh -= (clock_mono_ms() - s->first_set_ms) / 1000;
	if (left < refresh) {
		refresh = left + 1;
	}
	return refresh > least ? refresh : least;
}

/* With nothing to serve and files that no later run will like better, whoever
 * started us is to hear of it. */
static enum service_state
give_up(struct service *s)
{
	log_error(s->log, "%s", shift_why(s->shift));
	s->exit_code = TASK_ERROR;
	s->want_stop = true;
	return SERVICE_RETRYING;
}

enum service_state
rota_finish(struct service *s)
{
	int64_t refresh = (int64_t)s->task->settings->at[SET_REFRESH].number;
	int64_t pause = FIRST_PAUSE;
	bool serves = history_current(s->history) != NULL;

	s->running = false;
	if (shift_good(s->shift) && s->account != NULL) {
		s->failures = 0;
		s->last_good = clock_wall();
		s->good_ms = clock_age_ms();
		s->run_took_ms = clock_mono_ms() - s->run_began_ms;
		s->last_complete =
		    s->complete ? s->last_good : s->last_complete;
		count_run(s);
		retain_save_later(s);
		plan_run(s, pause_before_next(s));
		return SERVICE_IDLE;
	}
	if (shift_refused(s->shift) && !serves) {
		return give_up(s);
	}
	s->engine.failures++;
	for (unsigned i = 0; i < s->failures && pause < refresh; i++) {
		pause *= 2;
	}
	pause = pause < refresh ? pause : refresh;
	if (s->failures++ == 0) {
		s->failing_since = clock_wall();
	}
	snprintf(s->failing_why, sizeof(s->failing_why), "%s",
	    shift_why(s->shift));
	log_error(s->log, "run failed: %s; the next one begins in %lld s%s",
	    s->failing_why, (long long)pause,
	    serves ? "; what is there is served on" : "");
	if (s->unsaved) {
		retain_save_later(s);
	}
	plan_run(s, pause);
	service_ready(s);
	return serves ? SERVICE_STALE : SERVICE_RETRYING;
}
