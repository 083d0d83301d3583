/* SPDX-License-Identifier: BSD-2-Clause */
/* faultlist - see faultlist.h. */
#include "output/faultlist.h"

#include <string.h>

static const char *
repository_of(const struct report *report, const struct report_finding *f)
{
	return f->repository < report->repository_count
		   ? report->repositories[f->repository].uri
		   : NULL;
}

static const char *
ta_of(const struct report *report, const struct report_finding *f)
{
	return f->ta < report->ta_count ? report->tas[f->ta].name : NULL;
}

static bool
fits(const char *wanted, const char *have)
{
	return wanted == NULL || (have != NULL && strcmp(wanted, have) == 0);
}

static bool
chosen(const struct report *report, const struct report_finding *f,
    const struct faultlist_choice *choice)
{
	return fits(choice->label, fault_label(f->fault)) &&
	       fits(choice->ta, ta_of(report, f)) &&
	       fits(choice->repository, repository_of(report, f));
}

void
faultlist_put(struct jot *jot, const struct report *report,
    const struct report_finding *f)
{
	jot_object(jot, NULL);
	jot_text(jot, "label", fault_label(f->fault));
	jot_bool(jot, "rejects", fault_rejects(f->fault));
	jot_text(jot, "source", fault_source(f->fault));
	jot_text(jot, "text", fault_text(f->fault));
	jot_text(jot, "detail", f->detail);
	jot_text(jot, "uri", f->uri);
	jot_hash(jot, "object", &f->object);
	jot_text(jot, "point", f->point);
	jot_text(jot, "pointState",
	    f->point == NULL ? NULL : report_point_state_name(f->state));
	jot_text(jot, "ta", ta_of(report, f));
	jot_text(jot, "repository", repository_of(report, f));
	jot_end_object(jot);
}

/* How many findings each trust anchor, repository and label has. */
static void
put_sums(struct jot *jot, const struct report *report, struct arena *arena,
    const struct faultlist_choice *choice)
{
	uint64_t *tas = arena_zero(arena, report->ta_count + 1, sizeof(*tas));
	uint64_t *repositories = arena_zero(arena, report->repository_count + 1,
	    sizeof(*repositories));
	uint64_t *labels = arena_zero(arena, FAULT_COUNT, sizeof(*labels));

	for (size_t i = 0; i < report->finding_count; i++) {
		const struct report_finding *f = &report->findings[i];

		if (!chosen(report, f, choice)) {
			continue;
		}
		labels[f->fault]++;
		if (f->ta < report->ta_count) {
			tas[f->ta]++;
		}
		if (f->repository < report->repository_count) {
			repositories[f->repository]++;
		}
	}
	jot_object(jot, "labels");
	for (unsigned f = 1; f < FAULT_COUNT; f++) {
		if (labels[f] > 0) {
			jot_number(jot, fault_label((enum fault)f), labels[f]);
		}
	}
	jot_end_object(jot);
	jot_object(jot, "tas");
	for (size_t i = 0; i < report->ta_count; i++) {
		jot_number(jot, report->tas[i].name, tas[i]);
	}
	jot_end_object(jot);
	jot_object(jot, "repositories");
	for (size_t i = 0; i < report->repository_count; i++) {
		if (repositories[i] > 0) {
			jot_number(jot, report->repositories[i].uri,
			    repositories[i]);
		}
	}
	jot_end_object(jot);
}

/* Repositories that are not as they should be. */
static void
put_failing(struct jot *jot, const struct report *report,
    const struct faultlist_choice *choice)
{
	jot_list(jot, "failing");
	for (size_t i = 0; i < report->repository_count; i++) {
		const struct report_repository *r = &report->repositories[i];

		if (r->fault == FAULT_NONE ||
		    !fits(choice->repository, r->uri) ||
		    !fits(choice->label, fault_label(r->fault)) ||
		    choice->ta != NULL) {
			continue;
		}
		jot_object(jot, NULL);
		jot_text(jot, "repository", r->uri);
		jot_text(jot, "label", fault_label(r->fault));
		jot_text(jot, "detail", r->detail);
		jot_text(jot, "state", report_state_name(r->state));
		jot_time(jot, "lastSuccess", r->last_success, 0);
		jot_number(jot, "failures", r->failures);
		jot_end_object(jot);
	}
	jot_end_list(jot);
}

void
faultlist_write(struct pen *pen, const struct still *still,
    const struct faultlist_choice *choice)
{
	const struct report *report = still_report(still);
	struct jot jot = { .pen = pen };

	jot_object(&jot, NULL);
	jot_time(&jot, "started", report->started, 0);
	jot_time(&jot, "finished", report->finished, 0);
	jot_number(&jot, "leftOut", report->findings_lost);
	put_sums(&jot, report, still->arena, choice);
	put_failing(&jot, report, choice);
	jot_list(&jot, "findings");
	for (size_t i = 0; i < report->finding_count; i++) {
		if (chosen(report, &report->findings[i], choice)) {
			faultlist_put(&jot, report, &report->findings[i]);
		}
	}
	jot_end_list(&jot);
	jot_end_object(&jot);
}
