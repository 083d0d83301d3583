/* SPDX-License-Identifier: BSD-2-Clause */
/* figures - see figures.h. */
#include "output/figures.h"

#include <string.h>

#include "base/limits.h"
#include "output/fate.h"

/* --- trust anchors and repositories, which are counted alike */

/* Either of them, as rows. */
struct place {
	const char *label, *name;
	const uint64_t *counters;
	const struct atlas_part *part; /* NULL: not known */
};

struct places {
	size_t count;
	struct place *at;
};

/* Which metric each figure is: of trust anchors and of repositories. */
struct family {
	enum metric points, objects;
	enum metric vrps[FATES], payload[FATES];
};

static const struct family ta_family = {
	METRIC_TA_POINTS,
	METRIC_TA_OBJECTS,
	{ METRIC_TA_VALID_VRPS, METRIC_TA_UNSAFE_VRPS, METRIC_TA_FILTERED_VRPS,
	    METRIC_TA_DUPLICATE_VRPS, METRIC_TA_VRPS },
	{ METRIC_TA_VALID, METRIC_TA_UNSAFE, METRIC_TA_FILTERED,
	    METRIC_TA_DUPLICATE, METRIC_TA_CONTRIBUTED },
};

static const struct family repository_family = {
	METRIC_REPOSITORY_POINTS,
	METRIC_REPOSITORY_OBJECTS,
	{ METRIC_REPOSITORY_VALID_VRPS, METRIC_REPOSITORY_UNSAFE_VRPS,
	    METRIC_REPOSITORY_FILTERED_VRPS, METRIC_REPOSITORY_DUPLICATE_VRPS,
	    METRIC_REPOSITORY_VRPS },
	{ METRIC_REPOSITORY_VALID, METRIC_REPOSITORY_UNSAFE,
	    METRIC_REPOSITORY_FILTERED, METRIC_REPOSITORY_DUPLICATE,
	    METRIC_REPOSITORY_CONTRIBUTED },
};

static const struct {
	enum report_counter counter;
	const char *type, *state;
} objects[] = {
	{ REPORT_VALID_MANIFESTS, "manifest", "valid" },
	{ REPORT_INVALID_MANIFESTS, "manifest", "invalid" },
	{ REPORT_PREMATURE_MANIFESTS, "manifest", "premature" },
	{ REPORT_STALE_MANIFESTS, "manifest", "stale" },
	{ REPORT_MISSING_MANIFESTS, "manifest", "missing" },
	{ REPORT_VALID_CRLS, "crl", "valid" },
	{ REPORT_INVALID_CRLS, "crl", "invalid" },
	{ REPORT_STALE_CRLS, "crl", "stale" },
	{ REPORT_STRAY_CRLS, "crl", "stray" },
	{ REPORT_VALID_CA_CERTS, "ca_cert", "valid" },
	{ REPORT_VALID_ROUTER_CERTS, "router_cert", "valid" },
	{ REPORT_INVALID_CERTS, "cert", "invalid" },
	{ REPORT_VALID_ROAS, "roa", "valid" },
	{ REPORT_INVALID_ROAS, "roa", "invalid" },
	{ REPORT_VALID_ASPAS, "aspa", "valid" },
	{ REPORT_INVALID_ASPAS, "aspa", "invalid" },
	{ REPORT_VALID_GBRS, "gbr", "valid" },
	{ REPORT_INVALID_GBRS, "gbr", "invalid" },
	{ REPORT_VALID_TAKS, "tak", "valid" },
	{ REPORT_INVALID_TAKS, "tak", "invalid" },
	{ REPORT_VALID_SPLS, "spl", "valid" },
	{ REPORT_INVALID_SPLS, "spl", "invalid" },
	{ REPORT_OTHER_OBJECTS, "other", "invalid" },
};

static void
put_points(struct metric_pen *m, const struct places *places,
    enum metric metric)
{
	metric_begin(m, metric);
	for (size_t i = 0; i < places->count; i++) {
		const struct place *p = &places->at[i];
		const char *valid[] = { p->label, p->name, "state", "valid",
			NULL };
		const char *rejected[] = { p->label, p->name, "state",
			"rejected", NULL };

		metric_number(m, valid, p->counters[REPORT_VALID_POINTS]);
		metric_number(m, rejected, p->counters[REPORT_REJECTED_POINTS]);
	}
}

static void
put_objects(struct metric_pen *m, const struct places *places,
    enum metric metric)
{
	metric_begin(m, metric);
	for (size_t i = 0; i < places->count; i++) {
		const struct place *p = &places->at[i];

		for (size_t k = 0; k < sizeof(objects) / sizeof(objects[0]);
		     k++) {
			const char *labels[] = { p->label, p->name, "type",
				objects[k].type, "state", objects[k].state,
				NULL };

			metric_number(m, labels,
			    p->counters[objects[k].counter]);
		}
	}
}

static void
put_fate(struct metric_pen *m, const struct places *places, enum fate fate,
    const struct family *family)
{
	metric_begin(m, family->vrps[fate]);
	for (size_t i = 0; i < places->count; i++) {
		const struct place *p = &places->at[i];
		const char *labels[] = { p->label, p->name, NULL };

		metric_number(m, labels,
		    fate_count(p->counters, p->part, fate, ATLAS_V4) +
			fate_count(p->counters, p->part, fate, ATLAS_V6));
	}
	metric_begin(m, family->payload[fate]);
	for (size_t i = 0; i < places->count; i++) {
		const struct place *p = &places->at[i];

		for (unsigned t = 0; t < ATLAS_TYPES; t++) {
			enum atlas_type type = (enum atlas_type)t;
			const char *labels[] = { p->label, p->name, "type",
				atlas_type_name(type), NULL };

			metric_number(m, labels,
			    fate_count(p->counters, p->part, fate, type));
		}
	}
}

static void
put_places(struct metric_pen *m, const struct places *places,
    const struct family *family)
{
	put_points(m, places, family->points);
	put_objects(m, places, family->objects);
	for (unsigned fate = 0; fate < FATES; fate++) {
		if (fate_known((enum fate)fate) ||
		    (places->count > 0 && places->at[0].part != NULL)) {
			put_fate(m, places, (enum fate)fate, family);
		}
	}
}

static void
put_tas(struct metric_pen *m, const struct still *still,
    const struct report *report)
{
	struct places places = {
		.count = report->ta_count,
		.at = arena_zero(still->arena, report->ta_count + 1,
		    sizeof(struct place)),
	};

	for (size_t i = 0; i < places.count; i++) {
		places.at[i] = (struct place){ "name", report->tas[i].name,
			report->tas[i].counters,
			still->atlas == NULL ? NULL
					     : atlas_ta(still->atlas, i) };
	}
	put_places(m, &places, &ta_family);
}

/*
 * Repositories that are told of by name. Who has a CA can lead to any number of
 * them, with names of any length, and each of them is some seventy lines. So
 * long names are left out, and of too many those that nothing is held of.
 */
struct roll {
	size_t count, left_out;
	size_t *at; /* in the report */
};

static void
call(struct roll *roll, const struct report *report, bool held)
{
	for (size_t i = 0; i < report->repository_count; i++) {
		const struct report_repository *r = &report->repositories[i];

		if ((r->last_success != 0) != held) {
			continue;
		}
		if (roll->count < LIMIT_METRIC_REPOSITORIES &&
		    strlen(r->uri) <= LIMIT_METRIC_NAME) {
			roll->at[roll->count++] = i;
		} else {
			roll->left_out++;
		}
	}
}

static void
put_repositories(struct metric_pen *m, const struct still *still,
    const struct report *report, const struct roll *roll)
{
	struct places places = {
		.count = roll->count,
		.at = arena_zero(still->arena, roll->count + 1,
		    sizeof(struct place)),
	};

	for (size_t i = 0; i < places.count; i++) {
		size_t at = roll->at[i];

		places.at[i] =
		    (struct place){ "uri", report->repositories[at].uri,
			    report->repositories[at].counters,
			    still->atlas == NULL
				? NULL
				: atlas_repository(still->atlas, at) };
	}
	put_places(m, &places, &repository_family);
}

/* --- how repositories do */

enum column {
	COLUMN_STATE,
	COLUMN_SUCCESS,
	COLUMN_DUE,
	COLUMN_FAILURES,
	COLUMN_OCTETS,
	COLUMN_HELD,
	COLUMN_STATUS,
	COLUMN_OUTCOME,
	COLUMN_PAYLOAD,
	COLUMN_DURATION,
	COLUMN_SERIAL,
};

static void
put_cell(struct metric_pen *m, const struct report_repository *r,
    enum column column)
{
	const char *labels[] = { "uri", r->uri, NULL, NULL, NULL };

	switch (column) {
	case COLUMN_STATE:
		labels[2] = "state";
		labels[3] = report_state_name(r->state);
		metric_number(m, labels, 1);
		break;
	case COLUMN_SUCCESS:
		metric_signed(m, labels, r->last_success);
		break;
	case COLUMN_DUE:
		metric_signed(m, labels, r->next_due);
		break;
	case COLUMN_FAILURES:
		metric_number(m, labels, r->failures);
		break;
	case COLUMN_OCTETS:
		metric_number(m, labels, r->octets);
		break;
	case COLUMN_HELD:
		metric_number(m, labels, r->objects);
		break;
	case COLUMN_STATUS:
		metric_signed(m, labels, r->status);
		break;
	case COLUMN_OUTCOME:
		metric_signed(m, labels, report_rrdp_status(r));
		break;
	case COLUMN_PAYLOAD:
		if (r->payload_status != 0) {
			metric_signed(m, labels, r->payload_status);
		}
		break;
	case COLUMN_DURATION:
		metric_micro(m, labels, (int64_t)r->duration_ms * 1000);
		break;
	case COLUMN_SERIAL:
		metric_number(m, labels, r->serial);
		break;
	}
}

enum { ANY_KIND = -1 };

static void
put_fetches(struct metric_pen *m, const struct report *report,
    const struct roll *roll)
{
	static const struct {
		enum metric metric;
		int kind;
		enum column column;
	} columns[] = {
		{ METRIC_REPOSITORY_STATE, ANY_KIND, COLUMN_STATE },
		{ METRIC_REPOSITORY_SUCCESS, ANY_KIND, COLUMN_SUCCESS },
		{ METRIC_REPOSITORY_DUE, ANY_KIND, COLUMN_DUE },
		{ METRIC_REPOSITORY_FAILURES, ANY_KIND, COLUMN_FAILURES },
		{ METRIC_REPOSITORY_OCTETS, ANY_KIND, COLUMN_OCTETS },
		{ METRIC_REPOSITORY_HELD, ANY_KIND, COLUMN_HELD },
		{ METRIC_RRDP_STATUS, REPOSITORY_RRDP, COLUMN_OUTCOME },
		{ METRIC_RRDP_NOTIFICATION, REPOSITORY_RRDP, COLUMN_STATUS },
		{ METRIC_RRDP_PAYLOAD, REPOSITORY_RRDP, COLUMN_PAYLOAD },
		{ METRIC_RRDP_DURATION, REPOSITORY_RRDP, COLUMN_DURATION },
		{ METRIC_RRDP_SERIAL, REPOSITORY_RRDP, COLUMN_SERIAL },
		{ METRIC_RSYNC_STATUS, REPOSITORY_RSYNC, COLUMN_STATUS },
		{ METRIC_RSYNC_DURATION, REPOSITORY_RSYNC, COLUMN_DURATION },
	};

	for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++) {
		metric_begin(m, columns[c].metric);
		for (size_t i = 0; i < roll->count; i++) {
			const struct report_repository *r =
			    &report->repositories[roll->at[i]];

			if (columns[c].kind == ANY_KIND ||
			    columns[c].kind == (int)r->kind) {
				put_cell(m, r, columns[c].column);
			}
		}
	}
}

static void
put_faults(struct metric_pen *m, const struct report *report)
{
	metric_begin(m, METRIC_FAULTS);
	for (unsigned f = 1; f < FAULT_COUNT; f++) {
		const char *labels[] = { "label", fault_label((enum fault)f),
			NULL };

		if (report->faults[f] > 0) {
			metric_number(m, labels, report->faults[f]);
		}
	}
	metric_one(m, METRIC_FINDINGS_LOST, report->findings_lost);
}

void
figures_write(struct metric_pen *m, const struct still *still)
{
	const struct report *report = still_report(still);
	struct roll roll = { 0 };

	if (report == NULL) {
		return;
	}
	roll.at = arena_zero(still->arena, report->repository_count + 1,
	    sizeof(*roll.at));
	call(&roll, report, true);
	call(&roll, report, false);
	put_tas(m, still, report);
	put_repositories(m, still, report, &roll);
	put_fetches(m, report, &roll);
	metric_one(m, METRIC_REPOSITORIES_LEFT_OUT, roll.left_out);
	put_faults(m, report);
}
