/* SPDX-License-Identifier: BSD-2-Clause */
/* statustext - see statustext.h. */
#include "output/statustext.h"

#include "output/atlas.h"

static void
put_when(struct pen *pen, const char *key, const struct still *still,
    int64_t when)
{
	if (when == 0) {
		pen_printf(pen, "%s-at: -\n%s-ago: -\n", key, key);
		return;
	}
	pen_printf(pen, "%s-at: ", key);
	pen_time(pen, when);
	pen_printf(pen, "\n%s-ago: PT%lldS\n", key,
	    (long long)(still->now > when ? still->now - when : 0));
}

static void
put_tas(struct pen *pen, const struct still *still, const struct report *report)
{
	for (size_t i = 0; report != NULL && i < report->ta_count; i++) {
		const struct report_ta *ta = &report->tas[i];
		const struct atlas_part *part =
		    still->atlas == NULL ? NULL : atlas_ta(still->atlas, i);

		pen_text(pen, "ta: ");
		pen_text(pen, ta->name);
		pen_printf(pen,
		    ", vrps=%llu, final-vrps=%llu, rejected-points=%llu",
		    (unsigned long long)ta->counters[REPORT_VRPS],
		    (unsigned long long)(part == NULL ? 0 : atlas_vrps(part)),
		    (unsigned long long)ta->counters[REPORT_REJECTED_POINTS]);
		if (ta->fault != FAULT_NONE) {
			pen_printf(pen, ", fault=%s", fault_label(ta->fault));
		}
		pen_text(pen, "\n");
	}
}

static void
put_repositories(struct pen *pen, const struct report *report)
{
	for (size_t i = 0; report != NULL && i < report->repository_count;
	     i++) {
		const struct report_repository *r = &report->repositories[i];

		pen_printf(pen,
		    "%s: ", r->kind == REPOSITORY_RRDP ? "rrdp" : "rsync");
		pen_text(pen, r->uri);
		pen_printf(pen,
		    ", state=%s, status=%d, duration=%u.%03u, objects=%u, "
		    "failures=%u",
		    report_state_name(r->state), r->status,
		    r->duration_ms / 1000, r->duration_ms % 1000, r->objects,
		    r->failures);
		if (r->kind == REPOSITORY_RRDP) {
			pen_printf(pen, ", serial=%llu",
			    (unsigned long long)r->serial);
		}
		if (r->fault != FAULT_NONE) {
			pen_printf(pen, ", fault=%s", fault_label(r->fault));
		}
		pen_text(pen, "\n");
	}
}

static void
put_guards(struct pen *pen, const struct view *view)
{
	for (size_t i = 0; i < view->guard_count; i++) {
		if (view->guards[i].active) {
			pen_text(pen, "guard: ");
			pen_text(pen, view->guards[i].ta);
			pen_printf(pen, ", held=%llu\n",
			    (unsigned long long)view->guards[i].held);
		}
	}
}

void
statustext_write(struct pen *pen, const struct still *still)
{
	const struct view *view = &still->view;

	pen_text(pen, "version: kedge/" PACKAGE_VERSION "\n");
	pen_printf(pen, "serial: %u\n", view->serial);
	pen_printf(pen, "state: %s\n", view->state == NULL ? "-" : view->state);
	pen_printf(pen, "stale: %s\n", view->stale_since == 0 ? "no" : "yes");
	put_when(pen, "last-update-start", still, view->run_started);
	put_when(pen, "last-update-done", still, view->run_finished);
	put_when(pen, "last-change", still, view->changed);
	if (view->current != NULL) {
		pen_printf(pen, "vrps: %zu\nrouter-keys: %zu\naspas: %zu\n",
		    snapshot_vrps(view->current),
		    snapshot_router_keys(view->current),
		    snapshot_aspas(view->current));
	}
	pen_printf(pen, "too-long-vrps: %llu\n",
	    (unsigned long long)view->too_long);
	put_tas(pen, still, still_report(still));
	put_repositories(pen, still_report(still));
	put_guards(pen, view);
	pen_printf(pen,
	    "rtr-connections: %u\nhttp-connections: %u\nhttp-requests: %llu\n"
	    "engine-runs: %llu\nengine-failures: %llu\nengine-restarts: %llu\n",
	    view->rtr.clients, still->http.clients,
	    (unsigned long long)still->http.requests,
	    (unsigned long long)view->engine.runs,
	    (unsigned long long)view->engine.failures,
	    (unsigned long long)view->engine.restarts);
}
