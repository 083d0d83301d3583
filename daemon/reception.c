/* SPDX-License-Identifier: BSD-2-Clause */
/* reception - see reception.h. */
#include "daemon/reception.h"

#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "daemon/alarm.h"
#include "daemon/bulletin.h"
#include "daemon/call.h"
#include "daemon/chronicle.h"
#include "daemon/reload.h"
#include "daemon/service.h"
#include "daemon/watch.h"

/* The most that this process ever had, in KB. */
static uint64_t
peak_memory(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss
						   : 0;
}

static void
look(void *arg, struct view *view)
{
	struct service *s = arg;
	struct server_count rtr;

	server_count(s->rtr, &rtr);
	*view = (struct view){
		.current = history_current(s->history),
		.whole = s->plain,
		.history = s->history,
		.session = s->ids.json,
		.serial = history_serial(s->history),
		.changed = s->changed,
		.made = s->made,
		.edition = s->edition,
		.attributed = s->attributed,
		.attributed_in = s->attributed_in,
		.account = s->account,
		.slurm = s->task->exceptions,
		.slurm_effects = s->effects.rule,
		.too_long = s->too_long,
		.limits = &s->limits,
		.state = service_state_name(s),
		.run_started = s->run_started,
		.run_finished = s->last_good,
		.run_took_ms = s->run_took_ms,
		.progress = s->state == SERVICE_RUNNING
				? shift_progress(s->shift)
				: NULL,
		.run_due = s->run_due,
		.stale_since = s->stale_since,
		.guards = s->guards,
		.guard_count = s->guard_count,
		.rtr = { rtr.clients, rtr.accepted, rtr.refused, rtr.octets_in,
		    rtr.octets_out },
		.engine = s->engine,
		.process = {
			.started = s->started,
			.cpu_us = (uint64_t)clock_cpu_us(),
			.memory_kb = peak_memory(),
			.loop_longest_us = (uint64_t)s->loop_longest_ms * 1000,
			.sandbox = s->sandbox,
			.loaded = s->loaded,
			.loads = s->loads,
			.refused_loads = s->refused_loads,
		},
	};
}

struct lookout {
	view_router_fn *each;
	void *arg;
};

static void
show_router(void *arg, const struct server_client *client)
{
	const struct lookout *to = arg;
	struct view_router router = {
		.address = client->address,
		.transport = client->transport,
		.state = session_state_name(client->state),
		.version = client->version,
		.serial = client->serial,
		.connected = client->connected,
		.last_answer = client->last_answer,
		.last_reset = client->last_reset,
		.octets_in = client->octets_in,
		.octets_out = client->octets_out,
		.resets = client->resets,
		.serials = client->serials,
	};

	to->each(to->arg, &router);
}

static void
show_routers(void *arg, view_router_fn *each, void *each_arg)
{
	struct service *s = arg;
	struct lookout to = { each, each_arg };

	server_each(s->rtr, show_router, &to);
}

static const char *
journal(void *arg)
{
	const struct service *s = arg;

	return s->task->settings->at[SET_STATE_DIR].text;
}

struct view_source
reception_source(void *arg)
{
	return (struct view_source){
		.arg = arg,
		.look = look,
		.routers = show_routers,
		.journal = journal,
		.changes = chronicle_json,
	};
}

static bool
on_status(struct service *s, const char *rest, struct octets *out)
{
	struct bulletin bulletin = {
		.source = reception_source(s),
		.state_seconds = (clock_mono_ms() - s->entered_ms) / 1000,
		.up_seconds = (clock_mono_ms() - s->began_ms) / 1000,
		.run_seconds = (clock_mono_ms() - s->run_began_ms) / 1000,
		.failing = s->failing_since,
		.why = s->failures > 0 ? s->failing_why : NULL,
	};

	(void)rest;
	bulletin_text(out, &bulletin);
	return true;
}

static bool
on_reload(struct service *s, const char *rest, struct octets *out)
{
	(void)rest;
	(void)out;
	reload_ask(s);
	return true;
}

/* Whether what was read at a reload is what is served by, or why it is not. */
static bool
on_reloaded(struct service *s, const char *rest, struct octets *out)
{
	(void)rest;
	if (s->loading || s->next != NULL) {
		octets_printf(out, CALL_NOT_YET);
		return false;
	}
	octets_add_bytes(out, octets_bytes(&s->refusal));
	return s->refusal.len == 0;
}

static bool
on_run(struct service *s, const char *rest, struct octets *out)
{
	(void)rest;
	octets_printf(out, s->state == SERVICE_RUNNING
			       ? "a run is under way; another one follows it\n"
			       : "a run begins\n");
	s->want_run = true;
	s->eager = true;
	return true;
}

static bool
on_stop(struct service *s, const char *rest, struct octets *out)
{
	(void)out;
	s->final = *rest != '\0';
	s->want_stop = true;
	return true;
}

/* "guard", or "guard ANCHOR" to let go. */
static bool
on_guard(struct service *s, const char *rest, struct octets *out)
{
	if (*rest != '\0') {
		return watch_accept(s, rest, out);
	}
	watch_guard_text(s, out);
	return true;
}

static const struct {
	const char *verb;
	bool (*answer)(struct service *s, const char *rest, struct octets *out);
	const char *rest; /* all that may follow; NULL: anything */
} verbs[] = {
	{ "status", on_status, "" },
	{ "reload", on_reload, "" },
	{ "reloaded", on_reloaded, "" },
	{ "run", on_run, "" },
	{ "stop", on_stop, "final" },
	{ "guard", on_guard, NULL },
};

static bool
may_follow(const char *allowed, const char *rest)
{
	return allowed == NULL || *rest == '\0' || strcmp(allowed, rest) == 0;
}

bool
reception_answer(void *arg, const char *line, struct octets *out)
{
	struct service *s = arg;
	size_t n = strcspn(line, " ");

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const char *rest = line + n + (line[n] == ' ');

		if (strlen(verbs[i].verb) == n &&
		    memcmp(verbs[i].verb, line, n) == 0 &&
		    may_follow(verbs[i].rest, rest)) {
			bool ok = verbs[i].answer(s, rest, out);

			alarm_soon(s->soon);
			return ok;
		}
	}
	octets_printf(out, "this server does not know what is asked");
	return false;
}
