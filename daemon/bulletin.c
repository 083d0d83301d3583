/* SPDX-License-Identifier: BSD-2-Clause */
/* bulletin - see bulletin.h. */
#include "daemon/bulletin.h"

#include <string.h>

#include "base/clock.h"
#include "base/sandbox.h"
#include "base/text.h"

/* "12 s", "5 min", "3 h", "2 d". */
static void
put_span(struct octets *out, int64_t seconds)
{
	if (seconds < 0) {
		seconds = 0;
	}
	if (seconds < 120) {
		octets_printf(out, "%lld s", (long long)seconds);
	} else if (seconds < 7200) {
		octets_printf(out, "%lld min", (long long)seconds / 60);
	} else if (seconds < 172800) {
		octets_printf(out, "%lld h", (long long)seconds / 3600);
	} else {
		octets_printf(out, "%lld d", (long long)seconds / 86400);
	}
}

static void
put_ago(struct octets *out, int64_t when, int64_t now)
{
	if (when == 0) {
		octets_printf(out, "never");
		return;
	}
	put_span(out, now - when);
	octets_printf(out, " ago");
}

static void
put_state(struct octets *out, const struct bulletin *p, const struct view *v,
    int64_t now)
{
	octets_printf(out, "service       %s for ", v->state);
	put_span(out, p->state_seconds);
	octets_printf(out, ", up for ");
	put_span(out, p->up_seconds);
	octets_printf(out, "\nlast good run ");
	if (v->run_finished == 0) {
		octets_printf(out, "none yet");
	} else {
		put_ago(out, v->run_finished, now);
	}
	if (v->run_due != 0) {
		octets_printf(out, ", the next in ");
		put_span(out, v->run_due - now);
	}
	octets_u8(out, '\n');
	if (p->why != NULL) {
		octets_printf(out, "failing       ");
		put_ago(out, p->failing, now);
		octets_printf(out, ": %s\n", p->why);
	}
}

static void
put_fetch(struct octets *out, const struct wire_fetch *f, int64_t now)
{
	octets_printf(out, "fetching      ");
	text_escape(out, text_bytes(f->uri));
	octets_printf(out, " %s for ", wire_fetch_state(f));
	put_span(out, now - f->since);
	if (f->octets > 0) {
		octets_printf(out, ", %.1f MB", (double)f->octets / 1e6);
	}
	octets_u8(out, '\n');
}

static void
put_progress(struct octets *out, const struct wire_progress *progress,
    int64_t seconds, int64_t now)
{
	octets_printf(out, "run           for ");
	put_span(out, seconds);
	octets_printf(out, ": %u of %u repositories, %u of %u points, %u VRPs",
	    (unsigned)progress->repositories_done,
	    (unsigned)progress->repositories, (unsigned)progress->points_done,
	    (unsigned)progress->points, (unsigned)progress->vrps);
	octets_u8(out, '\n');
	for (unsigned i = 0; i < progress->fetch_count; i++) {
		put_fetch(out, &progress->fetches[i], now);
	}
	if (progress->fetching > progress->fetch_count) {
		octets_printf(out, "fetching      and %u more, or in line\n",
		    (unsigned)progress->fetching - progress->fetch_count);
	}
}

static void
put_payload(struct octets *out, const struct view *v, int64_t now)
{
	if (v->current == NULL) {
		octets_printf(out, "payload       none yet: routers are told "
				   "\"No Data Available\"\n");
		return;
	}
	octets_printf(out,
	    "payload       %zu VRPs, %zu router keys, %zu ASPAs\n"
	    "serial        %u, for ",
	    snapshot_vrps(v->current), snapshot_router_keys(v->current),
	    snapshot_aspas(v->current), (unsigned)v->serial);
	put_span(out, now - v->changed);
	octets_printf(out, "; set made ");
	put_ago(out, v->made, now);
	octets_u8(out, '\n');
}

static void
put_guards(struct octets *out, const struct view *v, int64_t now)
{
	for (size_t i = 0; i < v->guard_count; i++) {
		if (v->guards[i].active) {
			octets_printf(out,
			    "guard         holds %llu items of %s, since ",
			    (unsigned long long)v->guards[i].held,
			    v->guards[i].ta);
			put_ago(out, v->guards[i].since, now);
			octets_u8(out, '\n');
		}
	}
}

static void
put_sandbox(struct octets *out, const char *who, unsigned bits)
{
	static const struct {
		unsigned bit;
		const char *name;
	} layers[] = {
		{ SANDBOX_NO_NEW_PRIVS, "no new privileges" },
		{ SANDBOX_LANDLOCK_FILES, "Landlock for files" },
		{ SANDBOX_LANDLOCK_NETWORK, "Landlock for ports (Linux 6.7)" },
		{ SANDBOX_SECCOMP, "seccomp" },
		{ SANDBOX_LIMITS, "resource limits" },
	};
	const char *between = "";

	octets_printf(out, "sandbox       %s: ", who);
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		octets_printf(out, "%s%s%s", between,
		    (bits & layers[i].bit) != 0 ? "" : "NOT ", layers[i].name);
		between = ", ";
	}
	octets_u8(out, '\n');
}

static void
put_fault(struct octets *out, enum fault fault, const char *detail)
{
	octets_printf(out, "%s", fault_label(fault));
	if (detail != NULL) {
		octets_printf(out, " (");
		text_escape(out, text_bytes(detail));
		octets_u8(out, ')');
	}
}

static size_t
kept_points(const struct report *report, size_t ta)
{
	size_t count = 0;

	for (size_t i = 0; i < report->point_count; i++) {
		count += report->points[i].ta == ta &&
			 report->points[i].state == POINT_CACHED;
	}
	return count;
}

static void
put_repository(struct octets *out, const struct report_repository *r,
    int64_t now)
{
	octets_printf(out, "\nrepository    %s %s, last success ", r->uri,
	    report_state_name(r->state));
	put_ago(out, r->last_success, now);
	if (r->fault != FAULT_NONE) {
		octets_printf(out, ", ");
		put_fault(out, r->fault, r->detail);
	}
	if (r->failures > 0) {
		octets_printf(out, ", failed %u time%s", (unsigned)r->failures,
		    r->failures == 1 ? "" : "s");
	}
	if (r->next_due > now) {
		octets_printf(out, ", again in ");
		put_span(out, r->next_due - now);
	}
}

/* Of a hundred repositories those that fail come last: there one looks. */
static void
put_repositories(struct octets *out, const struct report *report, int64_t now)
{
	for (size_t i = 0; i < report->ta_count; i++) {
		const struct report_ta *ta = &report->tas[i];
		size_t kept = kept_points(report, i);

		octets_printf(out, "\nanchor        %s: ", ta->name);
		if (ta->fault == FAULT_NONE) {
			octets_printf(out, "good");
		} else {
			put_fault(out, ta->fault, ta->detail);
		}
		octets_printf(out, "%s, %llu VRPs, %llu points, %llu rejected",
		    ta->kept ? ", as kept" : "",
		    (unsigned long long)ta->counters[REPORT_VRPS],
		    (unsigned long long)ta->counters[REPORT_VALID_POINTS],
		    (unsigned long long)ta->counters[REPORT_REJECTED_POINTS]);
		if (kept > 0) {
			octets_printf(out, ", %zu by the last good version",
			    kept);
		}
	}
	for (unsigned fails = 0; fails < 2; fails++) {
		for (size_t i = 0; i < report->repository_count; i++) {
			const struct report_repository *r =
			    &report->repositories[i];

			if ((r->fault != FAULT_NONE) == (fails == 1)) {
				put_repository(out, r, now);
			}
		}
	}
	octets_u8(out, '\n');
}

/* By label; each one is in /api/v1/faults. */
static void
put_found(struct octets *out, const struct report *report)
{
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		if (report->faults[i] > 0) {
			octets_printf(out, "found         %llu %s: %s\n",
			    (unsigned long long)report->faults[i],
			    fault_label((enum fault)i),
			    fault_text((enum fault)i));
		}
	}
}

struct router_list {
	struct octets *out;
	int64_t now;
};

static void
put_router(void *arg, const struct view_router *router)
{
	struct router_list *list = arg;
	struct octets *out = list->out;

	octets_printf(out, "router        %s over %s, %s", router->address,
	    router->transport, router->state);
	if (router->version >= 0) {
		octets_printf(out, ", version %d", router->version);
	}
	if (router->serial >= 0) {
		octets_printf(out, ", serial %lld", (long long)router->serial);
	}
	octets_printf(out, ", since ");
	put_ago(out, router->connected, list->now);
	octets_u8(out, '\n');
}

void
bulletin_text(struct octets *out, const struct bulletin *p)
{
	struct router_list list = { out, clock_wall() };
	struct view v = { 0 };

	p->source.look(p->source.arg, &v);
	put_state(out, p, &v, list.now);
	if (v.progress != NULL) {
		put_progress(out, v.progress, p->run_seconds, list.now);
	}
	put_payload(out, &v, list.now);
	put_guards(out, &v, list.now);
	octets_printf(out,
	    "engine        %llu runs, %llu failed, peak memory %llu MB\n",
	    (unsigned long long)v.engine.runs,
	    (unsigned long long)v.engine.failures,
	    (unsigned long long)v.engine.memory_kb / 1024);
	put_sandbox(out, "server", v.process.sandbox);
	if (v.account != NULL) {
		const struct report *report = account_report(v.account);

		put_sandbox(out, "engine", report->sandbox);
		put_repositories(out, report, list.now);
		put_found(out, report);
	}
	octets_printf(out, "\nrouters       %u connected\n", v.rtr.clients);
	p->source.routers(p->source.arg, put_router, &list);
}
