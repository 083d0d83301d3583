/* SPDX-License-Identifier: BSD-2-Clause */
/* metrics - see metrics.h. */
#include "output/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sandbox.h"
#include "output/atlas.h"
#include "output/figures.h"
#include "output/metric.h"

#define MILLION 1000000

const char *
metrics_media(enum metrics_form form)
{
	return form == METRICS_OPEN
		   ? "application/openmetrics-text;version=1.0.0;charset=utf-8"
		   : "text/plain;version=0.0.4;charset=utf-8";
}

/* --- what is served */

static void
put_info(struct metric_pen *m)
{
	const char *const version[] = { "version", PACKAGE_VERSION, NULL };

	metric_begin(m, METRIC_INFO);
	metric_number(m, version, 1);
}

static void
put_valid_until(struct metric_pen *m, const struct report *report)
{
	if (report != NULL && report->valid_until != INT64_MAX) {
		metric_one_signed(m, METRIC_VALID_UNTIL, report->valid_until);
	}
}

static void
put_payload(struct metric_pen *m, const struct atlas *atlas)
{
	metric_one(m, METRIC_VRPS_LOCAL, atlas_vrps(atlas_local(atlas)));
	metric_begin(m, METRIC_PAYLOAD);
	for (unsigned t = 0; t < ATLAS_TYPES; t++) {
		enum atlas_type type = (enum atlas_type)t;
		const char *const labels[] = { "type", atlas_type_name(type),
			NULL };

		metric_number(m, labels, atlas_total(atlas, type));
	}
}

static void
put_set(struct metric_pen *m, const struct still *still)
{
	const struct view *view = &still->view;

	put_info(m);
	metric_one_signed(m, METRIC_START, view->process.started);
	metric_one(m, METRIC_READY,
	    view->current != NULL && view->stale_since == 0);
	metric_one_signed(m, METRIC_STALE_SINCE, view->stale_since);
	if (view->current != NULL) {
		metric_one(m, METRIC_SERIAL, view->serial);
		metric_one_signed(m, METRIC_SET_MADE, view->made);
		metric_one_signed(m, METRIC_SET_CHANGED, view->changed);
		metric_one(m, METRIC_ASPA_LARGE,
		    snapshot_large_aspas(view->current));
	}
	put_valid_until(m, still_report(still));
	metric_one(m, METRIC_VRPS_TOO_LONG, view->too_long);
	if (still->atlas != NULL) {
		put_payload(m, still->atlas);
	}
}

/* Seconds since then, in millionths; NaN when it never was. */
static int64_t
ago(const struct still *still, int64_t when)
{
	return when == 0 ? INT64_MIN : (still->now - when) * MILLION;
}

static void
put_runs(struct metric_pen *m, const struct still *still)
{
	const struct view *view = &still->view;
	const struct view_engine *engine = &view->engine;

	metric_one_micro(m, METRIC_UPDATE_START, ago(still, view->run_started));
	metric_one_micro(m, METRIC_UPDATE_DURATION,
	    view->run_took_ms < 0 ? INT64_MIN : view->run_took_ms * 1000);
	metric_one_micro(m, METRIC_UPDATE_DONE, ago(still, view->run_finished));
	metric_one_signed(m, METRIC_UPDATE_START_AT, view->run_started);
	metric_one_signed(m, METRIC_UPDATE_DONE_AT, view->run_finished);
	metric_one_signed(m, METRIC_UPDATE_DUE_AT, view->run_due);
	metric_one(m, METRIC_ENGINE_RUNS, engine->runs);
	metric_one(m, METRIC_ENGINE_FAILURES, engine->failures);
	metric_one(m, METRIC_ENGINE_RESTARTS, engine->restarts);
	metric_one_micro(m, METRIC_ENGINE_CPU, (int64_t)engine->cpu_us);
	metric_one(m, METRIC_ENGINE_MEMORY, engine->memory_kb * 1024);
	metric_one(m, METRIC_ENGINE_SIGNATURES, engine->signatures);
	metric_one(m, METRIC_ENGINE_JUDGED, engine->judged);
	metric_one(m, METRIC_ENGINE_REMEMBERED, engine->remembered);
}

/* --- what the operator set, and what guards */

static void
put_rules(struct metric_pen *m, const struct still *still)
{
	if (still->rule_count == 0) {
		return;
	}
	metric_begin(m, METRIC_RULE_EFFECT);
	for (size_t i = 0; i < still->rule_count; i++) {
		const struct still_rule *rule = &still->rules[i];
		char index[24];
		const char *labels[] = { "path", rule->path, "kind", rule->kind,
			"index", index, NULL };

		(void)snprintf(index, sizeof(index), "%zu", rule->index);
		metric_number(m, labels, rule->effect);
	}
}

static void
put_guards(struct metric_pen *m, const struct view *view)
{
	static const enum metric metrics[] = { METRIC_GUARD_ACTIVE,
		METRIC_GUARD_SINCE, METRIC_GUARD_HELD };

	for (unsigned k = 0; k < 3 && view->guard_count > 0; k++) {
		metric_begin(m, metrics[k]);
		for (size_t i = 0; i < view->guard_count; i++) {
			const struct view_guard *guard = &view->guards[i];
			const char *labels[] = { "ta", guard->ta, NULL };
			int64_t values[] = { guard->active, guard->since,
				(int64_t)guard->held };

			metric_signed(m, labels, values[k]);
		}
	}
}

/* --- routers */

static int
compare_routers(const void *left, const void *right)
{
	const struct view_router *a = left;
	const struct view_router *b = right;

	return strcmp(a->address, b->address);
}

/* How many serials behind, as RFC 1982 counts; -1: it holds none. */
static int64_t
lag(const struct still *still, const struct view_router *router)
{
	int32_t behind;

	if (router->serial < 0 || still->view.current == NULL) {
		return -1;
	}
	behind = (int32_t)(still->view.serial - (uint32_t)router->serial);
	return behind < 0 ? 0 : behind;
}

static void
put_lag(struct metric_pen *m, const struct still *still)
{
	uint64_t behind = 0;
	int64_t most = 0;

	for (size_t i = 0; i < still->router_count; i++) {
		int64_t one = lag(still, &still->routers[i]);

		behind += one != 0;
		most = one > most ? one : most;
	}
	metric_one(m, METRIC_RTR_BEHIND, behind);
	metric_one_signed(m, METRIC_RTR_LAG_MOST, most);
}

/* All connections from one address as one. */
struct group {
	const char *address;
	uint64_t connections, resets, serials, octets_in, octets_out;
	int64_t lag, serial, last_answer, last_reset;
};

static void
join(struct group *group, const struct still *still,
    const struct view_router *router)
{
	int64_t behind = lag(still, router);

	group->connections++;
	group->resets += router->resets;
	group->serials += router->serials;
	group->octets_in += router->octets_in;
	group->octets_out += router->octets_out;
	if (group->connections == 1 || behind > group->lag) {
		group->lag = behind;
		group->serial = router->serial;
	}
	if (router->last_answer > group->last_answer) {
		group->last_answer = router->last_answer;
	}
	if (router->last_reset > group->last_reset) {
		group->last_reset = router->last_reset;
	}
}

static size_t
group_routers(const struct still *still, struct group *groups)
{
	size_t count = 0;

	qsort(still->routers, still->router_count, sizeof(*still->routers),
	    compare_routers);
	for (size_t i = 0; i < still->router_count; i++) {
		const struct view_router *router = &still->routers[i];

		if (count == 0 ||
		    strcmp(groups[count - 1].address, router->address) != 0) {
			groups[count++].address = router->address;
		}
		join(&groups[count - 1], still, router);
	}
	return count;
}

static void
put_each_router(struct metric_pen *m, const struct still *still)
{
	enum { AGES = 2 }; /* the first columns are seconds since */
	static const enum metric metrics[] = { METRIC_ROUTER_UPDATE,
		METRIC_ROUTER_RESET, METRIC_RTR_LAG, METRIC_ROUTER_CONNECTIONS,
		METRIC_ROUTER_SERIAL, METRIC_ROUTER_RESETS,
		METRIC_ROUTER_SERIALS, METRIC_ROUTER_READ,
		METRIC_ROUTER_WRITTEN };
	struct group *groups =
	    arena_zero(still->arena, still->router_count + 1, sizeof(*groups));
	size_t count = group_routers(still, groups);

	for (size_t k = 0; k < sizeof(metrics) / sizeof(metrics[0]); k++) {
		metric_begin(m, metrics[k]);
		for (size_t i = 0; i < count; i++) {
			const struct group *g = &groups[i];
			const char *labels[] = { "addr", g->address, NULL };
			int64_t cells[] = { ago(still, g->last_answer),
				ago(still, g->last_reset), g->lag,
				(int64_t)g->connections, g->serial,
				(int64_t)g->resets, (int64_t)g->serials,
				(int64_t)g->octets_in, (int64_t)g->octets_out };

			(k < AGES ? metric_micro : metric_signed)(m, labels,
			    cells[k]);
		}
	}
}

static void
put_rtr(struct metric_pen *m, const struct still *still)
{
	const struct view_rtr *rtr = &still->view.rtr;

	metric_one(m, METRIC_RTR_CLIENTS, rtr->clients);
	metric_one(m, METRIC_RTR_ACCEPTED, rtr->accepted);
	metric_one(m, METRIC_RTR_REFUSED, rtr->refused);
	metric_one(m, METRIC_RTR_READ, rtr->octets_in);
	metric_one(m, METRIC_RTR_WRITTEN, rtr->octets_out);
	put_lag(m, still);
}

/* --- this process */

static void
put_http(struct metric_pen *m, const struct still_http *http)
{
	metric_one(m, METRIC_HTTP_CLIENTS, http->clients);
	metric_one(m, METRIC_HTTP_ACCEPTED, http->accepted);
	metric_one(m, METRIC_HTTP_REFUSED, http->refused);
	metric_one(m, METRIC_HTTP_REQUESTS, http->requests);
	metric_one(m, METRIC_HTTP_READ, http->octets_in);
	metric_one(m, METRIC_HTTP_WRITTEN, http->octets_out);
	metric_one(m, METRIC_HTTP_RENDERED, http->rendered);
	metric_one(m, METRIC_HTTP_RENDERING, http->rendering);
	metric_one(m, METRIC_HTTP_KEPT, http->kept_octets);
}

static void
put_sandbox(struct metric_pen *m, const char *program, uint32_t bits)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} layers[] = {
		{ SANDBOX_NO_NEW_PRIVS, "no-new-privileges" },
		{ SANDBOX_LANDLOCK_FILES, "landlock-files" },
		{ SANDBOX_LANDLOCK_NETWORK, "landlock-network" },
		{ SANDBOX_SECCOMP, "seccomp" },
		{ SANDBOX_LIMITS, "limits" },
	};

	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		const char *labels[] = { "program", program, "layer",
			layers[i].name, NULL };

		metric_number(m, labels, (bits & layers[i].bit) != 0);
	}
}

static void
put_process(struct metric_pen *m, const struct still *still)
{
	const struct view_process *process = &still->view.process;
	const struct report *report = still_report(still);

	metric_one_micro(m, METRIC_PROCESS_CPU, (int64_t)process->cpu_us);
	metric_one(m, METRIC_PROCESS_MEMORY, process->memory_kb * 1024);
	metric_one_micro(m, METRIC_LOOP_LONGEST,
	    (int64_t)process->loop_longest_us);
	metric_one_signed(m, METRIC_CONFIG_LOADED, process->loaded);
	metric_one(m, METRIC_CONFIG_LOADS, process->loads);
	metric_one(m, METRIC_CONFIG_REFUSED, process->refused_loads);
	metric_begin(m, METRIC_SANDBOX);
	put_sandbox(m, "kedge", process->sandbox);
	if (report != NULL) {
		put_sandbox(m, "kedge-engine", report->sandbox);
	}
}

void
metrics_write(struct pen *pen, const struct still *still,
    enum metrics_form form, enum metrics_routers routers)
{
	struct metric_pen m = { .pen = pen, .form = form };

	put_set(&m, still);
	put_runs(&m, still);
	figures_write(&m, still);
	put_rules(&m, still);
	put_guards(&m, &still->view);
	put_rtr(&m, still);
	if (routers == METRICS_EACH) {
		put_each_router(&m, still);
	}
	put_http(&m, &still->http);
	put_process(&m, still);
	if (form == METRICS_OPEN) {
		pen_text(pen, "# EOF\n");
	}
}

/* --- one run alone */

static void
put_run(struct metric_pen *m, const struct report *report)
{
	metric_one_micro(m, METRIC_UPDATE_DURATION,
	    (report->finished - report->started) * MILLION);
	metric_one_signed(m, METRIC_UPDATE_START_AT, report->started);
	metric_one_signed(m, METRIC_UPDATE_DONE_AT, report->finished);
	/* Nothing counts on from run to run here: no counters. */
	metric_one(m, METRIC_ENGINE_MEMORY, report->memory_kb * 1024);
	metric_begin(m, METRIC_SANDBOX);
	put_sandbox(m, "kedge-engine", report->sandbox);
}

static void
look_at_run(void *arg, struct view *view)
{
	const struct format_input *input = arg;

	view->current = input->snapshot;
}

void
metrics_write_run(struct pen *pen, const struct format_input *input)
{
	struct metric_pen m = { .pen = pen, .form = METRICS_PROMETHEUS };
	const struct view_source source = { .arg = (void *)(uintptr_t)input,
		.look = look_at_run };
	struct still *still = still_new(&source, 0);

	still->now = input->now;
	still->atlas = atlas_new(input->snapshot);
	if (input->report != NULL) {
		still->view.account = account_new(input->report);
	}
	put_info(&m);
	metric_one_signed(&m, METRIC_SET_MADE, input->now);
	metric_one(&m, METRIC_ASPA_LARGE,
	    snapshot_large_aspas(input->snapshot));
	put_valid_until(&m, input->report);
	put_payload(&m, still->atlas);
	if (input->report != NULL) {
		put_run(&m, input->report);
	}
	figures_write(&m, still);
	still_free(still);
}
