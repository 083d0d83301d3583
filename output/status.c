/* SPDX-License-Identifier: BSD-2-Clause */
/* status - see status.h. */
#include "output/status.h"

#include <stdlib.h>
#include <string.h>

#include "output/fate.h"
#include "output/jot.h"

/* --- counts, per trust anchor, per repository and in all */

/* Keys of the payload object, and whether some can be unsafe. */
static const struct {
	const char *key;
	bool unsafe;
} types[ATLAS_TYPES] = {
	[ATLAS_V4] = { "routeOriginsIPv4", true },
	[ATLAS_V6] = { "routeOriginsIPv6", true },
	[ATLAS_ROUTER_KEYS] = { "routerKeys", false },
	[ATLAS_ASPAS] = { "aspas", false },
};

static const struct {
	const char *key;
	enum report_counter counter;
} counts[] = {
	{ "validPublicationPoints", REPORT_VALID_POINTS },
	{ "rejectedPublicationPoints", REPORT_REJECTED_POINTS },
	{ "validManifests", REPORT_VALID_MANIFESTS },
	{ "invalidManifests", REPORT_INVALID_MANIFESTS },
	{ "prematureManifests", REPORT_PREMATURE_MANIFESTS },
	{ "staleManifests", REPORT_STALE_MANIFESTS },
	{ "missingManifests", REPORT_MISSING_MANIFESTS },
	{ "validCRLs", REPORT_VALID_CRLS },
	{ "invalidCRLs", REPORT_INVALID_CRLS },
	{ "staleCRLs", REPORT_STALE_CRLS },
	{ "strayCRLs", REPORT_STRAY_CRLS },
	{ "validCACerts", REPORT_VALID_CA_CERTS },
	{ "validEECerts", REPORT_VALID_ROUTER_CERTS },
	{ "validRouterCerts", REPORT_VALID_ROUTER_CERTS },
	{ "invalidCerts", REPORT_INVALID_CERTS },
	{ "validROAs", REPORT_VALID_ROAS },
	{ "invalidROAs", REPORT_INVALID_ROAS },
	{ "validGBRs", REPORT_VALID_GBRS },
	{ "invalidGBRs", REPORT_INVALID_GBRS },
	{ "validASPAs", REPORT_VALID_ASPAS },
	{ "invalidASPAs", REPORT_INVALID_ASPAS },
	{ "otherObjects", REPORT_OTHER_OBJECTS },
};

/* A row of counters with what the set says of the same place. */
struct place {
	const uint64_t *counters;
	const struct atlas_part *part;
};

static uint64_t
count(const struct place *p, enum fate fate, enum atlas_type type)
{
	return fate_count(p->counters, p->part, fate, type);
}

static uint64_t
vrps(const struct place *p, enum fate which)
{
	return count(p, which, ATLAS_V4) + count(p, which, ATLAS_V6);
}

static void
put_payload(struct jot *jot, const struct place *p)
{
	jot_object(jot, "payload");
	for (unsigned t = 0; t < ATLAS_TYPES; t++) {
		enum atlas_type type = (enum atlas_type)t;

		jot_object(jot, types[t].key);
		jot_number(jot, "total", count(p, FATE_VALID, type));
		if (types[t].unsafe) {
			jot_number(jot, "unsafe", count(p, FATE_UNSAFE, type));
		}
		jot_number(jot, "locallyFiltered",
		    count(p, FATE_FILTERED, type));
		jot_number(jot, "duplicate", count(p, FATE_DUPLICATE, type));
		jot_number(jot, "final", count(p, FATE_CONTRIBUTED, type));
		jot_end_object(jot);
	}
	jot_end_object(jot);
}

/* The inside of a trust anchor's or repository's object. */
static void
put_place(struct jot *jot, const struct place *p)
{
	jot_number(jot, "vrpsTotal", vrps(p, FATE_VALID));
	jot_number(jot, "vrpsUnsafe", vrps(p, FATE_UNSAFE));
	jot_number(jot, "vrpsLocallyFiltered", vrps(p, FATE_FILTERED));
	jot_number(jot, "vrpsDuplicate", vrps(p, FATE_DUPLICATE));
	jot_number(jot, "vrpsFinal", vrps(p, FATE_CONTRIBUTED));
	put_payload(jot, p);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		jot_number(jot, counts[i].key, p->counters[counts[i].counter]);
	}
}

static struct place
ta_place(const struct still *still, const struct report *report, size_t i)
{
	return (struct place){ report->tas[i].counters,
		still->atlas == NULL ? NULL : atlas_ta(still->atlas, i) };
}

/* All trust anchors together. */
static void
put_totals(struct jot *jot, const struct still *still,
    const struct report *report)
{
	uint64_t counters[REPORT_COUNTERS] = { 0 };
	struct atlas_part part = { { 0 }, { 0 } };
	struct place all = { counters, &part };

	for (size_t i = 0; report != NULL && i < report->ta_count; i++) {
		struct place p = ta_place(still, report, i);

		for (unsigned c = 0; c < REPORT_COUNTERS; c++) {
			counters[c] += p.counters[c];
		}
		for (unsigned t = 0; p.part != NULL && t < ATLAS_TYPES; t++) {
			part.first[t] += p.part->first[t];
			part.again[t] += p.part->again[t];
		}
	}
	if (still->atlas == NULL) {
		all.part = NULL;
	}
	put_payload(jot, &all);
}

static void
put_tas(struct jot *jot, const struct still *still, const struct report *report)
{
	jot_object(jot, "tals");
	for (size_t i = 0; report != NULL && i < report->ta_count; i++) {
		const struct report_ta *ta = &report->tas[i];
		struct place p = ta_place(still, report, i);

		jot_object(jot, ta->name);
		put_place(jot, &p);
		jot_text(jot, "uri", ta->uri);
		jot_bool(jot, "kept", ta->kept);
		jot_text(jot, "fault",
		    ta->fault == FAULT_NONE ? NULL : fault_label(ta->fault));
		jot_text(jot, "detail", ta->detail);
		jot_end_object(jot);
	}
	jot_end_object(jot);
}

static void
put_repositories(struct jot *jot, const struct still *still,
    const struct report *report)
{
	jot_object(jot, "repositories");
	for (size_t i = 0; report != NULL && i < report->repository_count;
	     i++) {
		const struct report_repository *r = &report->repositories[i];
		struct place p = { r->counters,
			still->atlas == NULL
			    ? NULL
			    : atlas_repository(still->atlas, i) };

		jot_object(jot, r->uri);
		jot_text(jot, "type",
		    r->kind == REPOSITORY_RRDP ? "RRDP" : "rsync");
		put_place(jot, &p);
		jot_text(jot, "state", report_state_name(r->state));
		jot_time(jot, "lastSuccess", r->last_success, 0);
		jot_time(jot, "nextDue", r->next_due, 0);
		jot_number(jot, "failures", r->failures);
		jot_number(jot, "heldObjects", r->objects);
		jot_number(jot, "bytesTransferred", r->octets);
		jot_text(jot, "fault",
		    r->fault == FAULT_NONE ? NULL : fault_label(r->fault));
		jot_text(jot, "detail", r->detail);
		jot_end_object(jot);
	}
	jot_end_object(jot);
}

/* --- fetches */

static void
put_issues(struct jot *jot, const struct report_repository *r)
{
	if (r->fault == FAULT_NONE) {
		return;
	}
	jot_list(jot, "issues");
	jot_object(jot, NULL);
	jot_text(jot, "level", "warn");
	jot_text(jot, "messages",
	    r->detail != NULL ? r->detail : fault_text(r->fault));
	jot_end_object(jot);
	jot_end_list(jot);
}

static void
put_rrdp(struct jot *jot, const struct report_repository *r)
{
	jot_object(jot, r->uri);
	jot_signed(jot, "status", report_rrdp_status(r));
	jot_signed(jot, "notifyStatus", r->status);
	if (r->payload_status == 0) {
		jot_null(jot, "payloadStatus");
	} else {
		jot_signed(jot, "payloadStatus", r->payload_status);
	}
	jot_seconds(jot, "duration", r->duration_ms);
	jot_number(jot, "serial", r->serial);
	jot_text(jot, "session", r->session);
	jot_bool(jot, "delta", r->snapshot_reason == NULL);
	jot_text(jot, "snapshot_reason", r->snapshot_reason);
	put_issues(jot, r);
	jot_end_object(jot);
}

static void
put_rsync(struct jot *jot, const struct report_repository *r)
{
	jot_object(jot, r->uri);
	jot_signed(jot, "status", r->status);
	jot_seconds(jot, "duration", r->duration_ms);
	put_issues(jot, r);
	jot_end_object(jot);
}

static void
put_fetches(struct jot *jot, const char *key, const struct report *report,
    enum repository_kind kind)
{
	jot_object(jot, key);
	for (size_t i = 0; report != NULL && i < report->repository_count;
	     i++) {
		const struct report_repository *r = &report->repositories[i];

		if (r->kind == kind) {
			(kind == REPOSITORY_RRDP ? put_rrdp : put_rsync)(jot,
			    r);
		}
	}
	jot_end_object(jot);
}

/* Findings by publication point. They come in any order; those of one point
 * are put together by the first of them. */
static int
compare_findings(const void *left, const void *right)
{
	const struct report_finding *const *a = left;
	const struct report_finding *const *b = right;
	int order = strcmp((*a)->point == NULL ? "" : (*a)->point,
	    (*b)->point == NULL ? "" : (*b)->point);

	return order != 0 ? order : (*a > *b) - (*a < *b);
}

static void
put_findings(struct jot *jot, const struct still *still,
    const struct report *report)
{
	size_t count = report == NULL ? 0 : report->finding_count;
	const struct report_finding **rows =
	    arena_zero(still->arena, count + 1, sizeof(*rows));
	const char *before = NULL;

	for (size_t i = 0; i < count; i++) {
		rows[i] = &report->findings[i];
	}
	if (count > 0) {
		qsort(rows, count, sizeof(*rows), compare_findings);
	}
	jot_object(jot, "pubPointIssues");
	for (size_t i = 0; i < count; i++) {
		const struct report_finding *f = rows[i];
		const char *point = f->point == NULL ? "" : f->point;

		if (before == NULL || strcmp(before, point) != 0) {
			if (before != NULL) {
				jot_end_list(jot);
			}
			jot_list(jot, point);
			before = point;
		}
		jot_object(jot, NULL);
		jot_text(jot, "level",
		    fault_rejects(f->fault) ? "warn" : "info");
		jot_text(jot, "message",
		    f->detail != NULL ? f->detail : fault_text(f->fault));
		jot_text(jot, "label", fault_label(f->fault));
		jot_text(jot, "uri", f->uri);
		jot_end_object(jot);
	}
	if (before != NULL) {
		jot_end_list(jot);
	}
	jot_end_object(jot);
}

/* --- the service */

static void
put_routers(struct jot *jot, const struct still *still)
{
	jot_list(jot, "clients");
	for (size_t i = 0; i < still->router_count; i++) {
		const struct view_router *r = &still->routers[i];

		jot_object(jot, NULL);
		jot_text(jot, "address", r->address);
		jot_text(jot, "transport", r->transport);
		jot_text(jot, "state", r->state);
		jot_signed(jot, "version", r->version);
		jot_signed(jot, "serial", r->serial);
		jot_time(jot, "connected", r->connected, 0);
		jot_time(jot, "lastAnswer", r->last_answer, 0);
		jot_time(jot, "lastReset", r->last_reset, 0);
		jot_number(jot, "resetQueries", r->resets);
		jot_number(jot, "serialQueries", r->serials);
		jot_number(jot, "bytesRead", r->octets_in);
		jot_number(jot, "bytesWritten", r->octets_out);
		jot_end_object(jot);
	}
	jot_end_list(jot);
}

static void
put_service(struct jot *jot, const struct still *still)
{
	const struct view *view = &still->view;

	jot_object(jot, "rtr");
	jot_number(jot, "currentConnections", view->rtr.clients);
	jot_number(jot, "bytesRead", view->rtr.octets_in);
	jot_number(jot, "bytesWritten", view->rtr.octets_out);
	put_routers(jot, still);
	jot_end_object(jot);
	jot_object(jot, "http");
	jot_number(jot, "totalConnections", still->http.accepted);
	jot_number(jot, "currentConnections", still->http.clients);
	jot_number(jot, "requests", still->http.requests);
	jot_number(jot, "bytesRead", still->http.octets_in);
	jot_number(jot, "bytesWritten", still->http.octets_out);
	jot_end_object(jot);
	jot_object(jot, "engine");
	jot_number(jot, "runs", view->engine.runs);
	jot_number(jot, "failures", view->engine.failures);
	jot_number(jot, "restarts", view->engine.restarts);
	jot_number(jot, "memoryPeak", view->engine.memory_kb * 1024);
	jot_end_object(jot);
	jot_list(jot, "guards");
	for (size_t i = 0; i < view->guard_count; i++) {
		const struct view_guard *guard = &view->guards[i];

		jot_object(jot, NULL);
		jot_text(jot, "ta", guard->ta);
		jot_bool(jot, "active", guard->active);
		jot_time(jot, "since", guard->since, 0);
		jot_number(jot, "held", guard->held);
		jot_end_object(jot);
	}
	jot_end_list(jot);
}

static void
put_exceptions(struct jot *jot, const struct still *still)
{
	jot_number(jot, "vrpsAddedLocally",
	    still->atlas == NULL ? 0 : atlas_vrps(atlas_local(still->atlas)));
	jot_number(jot, "vrpsTooLong", still->view.too_long);
	jot_list(jot, "exceptions");
	for (size_t i = 0; i < still->rule_count; i++) {
		const struct still_rule *rule = &still->rules[i];

		jot_object(jot, NULL);
		jot_text(jot, "path", rule->path);
		jot_text(jot, "list", rule->kind);
		jot_number(jot, "index", rule->index);
		jot_text(jot, "comment", rule->comment);
		jot_number(jot, rule->filter ? "removed" : "added",
		    rule->effect);
		jot_end_object(jot);
	}
	jot_end_list(jot);
}

/* The run under way, and each repository that it waits for. */
static void
put_run(struct jot *jot, const struct wire_progress *p)
{
	if (p == NULL) {
		jot_null(jot, "run");
		return;
	}
	jot_object(jot, "run");
	jot_number(jot, "repositories", p->repositories);
	jot_number(jot, "repositoriesDone", p->repositories_done);
	jot_number(jot, "publicationPoints", p->points);
	jot_number(jot, "publicationPointsDone", p->points_done);
	jot_number(jot, "vrps", p->vrps);
	jot_number(jot, "octets", p->octets);
	jot_number(jot, "fetching", p->fetching);
	jot_list(jot, "fetches");
	for (unsigned i = 0; i < p->fetch_count; i++) {
		const struct wire_fetch *f = &p->fetches[i];

		jot_object(jot, NULL);
		jot_text(jot, "uri", f->uri);
		jot_text(jot, "transport",
		    strncmp(f->uri, "rsync:", 6) == 0 ? "rsync" : "rrdp");
		jot_text(jot, "state", wire_fetch_state(f));
		jot_time(jot, "since", f->since, 0);
		jot_number(jot, "octets", f->octets);
		jot_end_object(jot);
	}
	jot_end_list(jot);
	jot_end_object(jot);
}

void
status_write_json(struct pen *pen, const struct still *still)
{
	const struct view *view = &still->view;
	const struct report *report = still_report(still);
	struct jot jot = { .pen = pen };

	jot_object(&jot, NULL);
	jot_text(&jot, "version", "kedge/" PACKAGE_VERSION);
	jot_number(&jot, "serial", view->serial);
	jot_time(&jot, "now", still->now, 0);
	jot_time(&jot, "lastUpdateStart", view->run_started, 0);
	jot_time(&jot, "lastUpdateDone", view->run_finished, 0);
	if (view->run_took_ms < 0) {
		jot_null(&jot, "lastUpdateDuration");
	} else {
		jot_seconds(&jot, "lastUpdateDuration",
		    (uint64_t)view->run_took_ms);
	}
	jot_text(&jot, "state", view->state);
	put_run(&jot, view->progress);
	jot_time(&jot, "nextUpdate", view->run_due, 0);
	jot_time(&jot, "staleSince", view->stale_since, 0);
	jot_time(&jot, "serialSince", view->changed, 0);
	jot_time(&jot, "validUntil",
	    report == NULL ? INT64_MAX : report->valid_until, INT64_MAX);
	put_totals(&jot, still, report);
	jot_number(&jot, "aspasLargeProviderSet",
	    view->current == NULL ? 0 : snapshot_large_aspas(view->current));
	put_tas(&jot, still, report);
	put_repositories(&jot, still, report);
	put_exceptions(&jot, still);
	put_fetches(&jot, "rsync", report, REPOSITORY_RSYNC);
	put_fetches(&jot, "rrdp", report, REPOSITORY_RRDP);
	put_findings(&jot, still, report);
	put_service(&jot, still);
	jot_end_object(&jot);
}
