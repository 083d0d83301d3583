/* SPDX-License-Identifier: BSD-2-Clause */
/* explain - see explain.h. */
#include "output/explain.h"

#include <string.h>

#include "base/text.h"
#include "output/evidence.h"
#include "output/faultlist.h"
#include "output/suspects.h"
#include "output/validity.h"

enum {
	FINDINGS_MOST = 200,
	ITEMS_MOST = 10000,
	NEAR_MOST = 64,
};

struct telling {
	struct jot jot;
	const struct still *still;
	const struct explain *what;
	/* Folders of the objects that were met: what happened there may matter.
	 */
	const char *near[NEAR_MOST];
	size_t near_count;
	bool valid; /* the route is, and nothing of it is held by the guard */
	bool *told; /* findings that were told already */
};

/* --- places */

/* Up to and with the last slash. */
static size_t
folder_length(const char *uri)
{
	const char *slash = strrchr(uri, '/');

	return slash == NULL ? 0 : (size_t)(slash - uri) + 1;
}

static bool
same_folder(const char *a, const char *b)
{
	size_t len = folder_length(a);

	return len > 0 && len == folder_length(b) && strncmp(a, b, len) == 0;
}

static void
note_near(struct telling *t, const char *uri)
{
	for (size_t i = 0; i < t->near_count; i++) {
		if (same_folder(t->near[i], uri)) {
			return;
		}
	}
	if (t->near_count < NEAR_MOST) {
		t->near[t->near_count++] = arena_text(t->still->arena, uri);
	}
}

static void
note_sources(struct telling *t, const struct snapshot *set, enum item_kind kind,
    size_t i)
{
	struct source_room room;

	for (size_t n = 0; n < snapshot_sources(set, kind, i); n++) {
		const struct source *source =
		    snapshot_source(set, kind, i, n, &room);

		if (source->kind != SOURCE_EXCEPTION) {
			note_near(t, source->uri);
		}
		t->valid &= !source->held;
	}
}

/* --- what the set says of a route */

static void
put_list(struct telling *t, const struct origin_list *list, const char *match)
{
	const struct snapshot *set = t->still->view.current;

	for (size_t i = 0; i < list->count; i++) {
		evidence_open(&t->jot, t->still, set, ITEM_VRP, list->at[i]);
		jot_text(&t->jot, "match", match);
		jot_end_object(&t->jot);
		note_sources(t, set, ITEM_VRP, list->at[i]);
	}
}

static void
put_route(struct telling *t)
{
	const struct explain *what = t->what;
	struct origin_answer answer =
	    origin_explain(atlas_index(t->still->atlas), &what->prefix,
		what->asn, t->still->arena);

	t->valid = what->has_asn && answer.state == ORIGIN_VALID;
	if (what->has_asn) {
		jot_text(&t->jot, "state", origin_state_name(answer.state));
		jot_text(&t->jot, "reason", validity_reason(&answer));
		jot_text(&t->jot, "description", validity_sentence(&answer));
	}
	jot_list(&t->jot, "vrps");
	put_list(t, &answer.matched, "matched");
	put_list(t, &answer.unmatched_length,
	    what->has_asn ? "unmatched_length" : "covering");
	put_list(t, &answer.unmatched_as,
	    what->has_asn ? "unmatched_as" : "covering");
	jot_end_list(&t->jot);
}

/* --- what local policy removed */

static bool
overlap(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return ip_prefix_covers(a, b) || ip_prefix_covers(b, a);
}

static bool
filters_vrp(const struct still_rule *rule, const struct vrp *vrp)
{
	return rule->filter && (rule->has_prefix || rule->has_asn) &&
	       !rule->has_ski &&
	       strcmp(rule->kind, slurm_kind_name(SLURM_PREFIX_FILTER)) == 0 &&
	       (!rule->has_asn || rule->asn == vrp->asn) &&
	       (!rule->has_prefix ||
		   ip_prefix_covers(&rule->prefix, &vrp->prefix));
}

static void
put_causes(struct telling *t, const struct vrp *vrp)
{
	const struct still *still = t->still;
	unsigned most = vrp->prefix.family == IP_V4 ? still->limits.v4_length
						    : still->limits.v6_length;

	jot_list(&t->jot, "removedBy");
	if (still->limited && vrp->prefix.length > most) {
		jot_object(&t->jot, NULL);
		jot_text(&t->jot, "limit",
		    vrp->prefix.family == IP_V4 ? "limit-v4-len"
						: "limit-v6-len");
		jot_number(&t->jot, "length", most);
		jot_end_object(&t->jot);
	}
	for (size_t i = 0; i < still->rule_count; i++) {
		if (filters_vrp(&still->rules[i], vrp)) {
			evidence_rule(&t->jot, &still->rules[i]);
		}
	}
	jot_end_list(&t->jot);
}

/* Is this VRP of the whole set what was asked for? */
static bool
concerns(const struct telling *t, size_t i)
{
	const struct snapshot *whole = t->still->view.whole;
	struct source_room room;

	if (t->what->uri == NULL) {
		return ip_prefix_covers(&snapshot_vrp(whole, i)->prefix,
		    &t->what->prefix);
	}
	for (size_t n = 0; n < snapshot_sources(whole, ITEM_VRP, i); n++) {
		if (strcmp(snapshot_source(whole, ITEM_VRP, i, n, &room)->uri,
			t->what->uri) == 0) {
			return true;
		}
	}
	return false;
}

static void
put_removed(struct telling *t)
{
	const struct snapshot *whole = t->still->view.whole;
	size_t told = 0;

	jot_list(&t->jot, "removed");
	for (size_t i = 0;
	     whole != NULL && i < snapshot_vrps(whole) && told < ITEMS_MOST;
	     i++) {
		const struct vrp *vrp = snapshot_vrp(whole, i);

		if (!concerns(t, i) || snapshot_find(t->still->view.current,
					   ITEM_VRP, vrp) != SIZE_MAX) {
			continue;
		}
		evidence_open(&t->jot, t->still, whole, ITEM_VRP, i);
		put_causes(t, vrp);
		jot_end_object(&t->jot);
		note_sources(t, whole, ITEM_VRP, i);
		told++;
	}
	jot_end_list(&t->jot);
}

/* Rules that speak of this space, whatever they did. */
static void
put_rules(struct telling *t)
{
	const struct still *still = t->still;

	jot_list(&t->jot, "exceptions");
	for (size_t i = 0; i < still->rule_count; i++) {
		const struct still_rule *rule = &still->rules[i];
		bool as = !t->what->has_asn || !rule->has_asn ||
			  rule->asn == t->what->asn;

		if (as &&
		    (rule->has_prefix ? overlap(&rule->prefix, &t->what->prefix)
				      : t->what->has_asn && rule->has_asn)) {
			evidence_rule(&t->jot, rule);
		}
	}
	jot_end_list(&t->jot);
}

/* --- what the run found */

/* Does the text name a prefix that overlaps, or the AS? */
static bool
speaks_of(const char *text, const struct explain *what)
{
	struct bytes rest = text_bytes(text);

	while (rest.len > 0) {
		struct bytes word = text_cut(&rest, ' ');
		struct ip_prefix prefix;
		uint32_t asn;

		while (word.len > 0 &&
		       strchr(",;:.()", word.at[word.len - 1]) != NULL) {
			word.len--;
		}
		if (ip_prefix_parse(&prefix, word, IP_PREFIX_ONLY) &&
		    overlap(&prefix, &what->prefix)) {
			return true;
		}
		if (what->has_asn && word.len > 2 && word.at[0] == 'A' &&
		    text_asn(word, &asn) && asn == what->asn) {
			return true;
		}
	}
	return false;
}

static bool
finding_matters(const struct telling *t, const struct report_finding *f)
{
	if (t->what->uri != NULL &&
	    ((f->uri != NULL && strcmp(f->uri, t->what->uri) == 0) ||
		(f->point != NULL && strcmp(f->point, t->what->uri) == 0))) {
		return true;
	}
	/* An anchor without a certificate: all below it is missing. */
	if (t->what->uri == NULL && !t->valid && f->point == NULL &&
	    fault_rejects(f->fault)) {
		return true;
	}
	if (t->what->uri == NULL && f->detail != NULL &&
	    speaks_of(f->detail, t->what)) {
		return true;
	}
	for (size_t i = 0; f->uri != NULL && i < t->near_count; i++) {
		if (same_folder(f->uri, t->near[i]) ||
		    (f->point != NULL && same_folder(f->point, t->near[i]))) {
			return true;
		}
	}
	return false;
}

static void
put_findings(struct telling *t)
{
	const struct report *report = still_report(t->still);
	size_t told = 0, left_out = 0;

	jot_list(&t->jot, "findings");
	for (size_t i = 0; report != NULL && i < report->finding_count; i++) {
		if (t->told[i] || !finding_matters(t, &report->findings[i])) {
			continue;
		}
		if (told++ < FINDINGS_MOST) {
			faultlist_put(&t->jot, report, &report->findings[i]);
		} else {
			left_out++;
		}
	}
	jot_end_list(&t->jot);
	jot_number(&t->jot, "findingsLeftOut", left_out);
}

/* --- points */

/* Of how many points there is nothing at all. */
static void
put_lost_points(struct telling *t)
{
	const struct report *report = still_report(t->still);
	size_t count = 0;

	for (size_t i = 0; report != NULL && i < report->point_count; i++) {
		enum report_point_state state = report->points[i].state;

		count += state == POINT_REJECTED || state == POINT_WAITING;
	}
	jot_number(&t->jot, "pointsWithoutPayload", count);
}

static void
put_anchors(struct telling *t)
{
	const struct report *report = still_report(t->still);

	jot_list(&t->jot, "tas");
	for (size_t i = 0; report != NULL && i < report->ta_count; i++) {
		jot_text(&t->jot, NULL, report->tas[i].name);
	}
	jot_end_list(&t->jot);
}

/* --- an object */

/* Numbers of the sources that are this object, as a flag each. */
static bool *
find_sources(const struct telling *t, const struct snapshot *set, bool *any)
{
	const struct sources *book = snapshot_book(set);
	uint32_t count = sources_count(book);
	bool *ours = arena_zero(t->still->arena, count + 1, sizeof(*ours));
	struct source_room room;

	*any = false;
	for (uint32_t i = 0; i < count; i++) {
		const struct source *source = sources_get(book, i, &room);

		if (source->kind != SOURCE_EXCEPTION &&
		    strcmp(source->uri, t->what->uri) == 0) {
			ours[i] = true;
			*any = true;
		}
	}
	return ours;
}

static void
put_items(struct telling *t, const bool *ours)
{
	const struct snapshot *set = t->still->view.current;
	size_t told = 0;

	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;

		for (size_t i = 0;
		     i < snapshot_count(set, kind) && told < ITEMS_MOST; i++) {
			bool hit = false;

			for (size_t n = 0; n < snapshot_sources(set, kind, i);
			     n++) {
				hit |= ours[snapshot_source_number(set, kind, i,
				    n)];
			}
			if (hit) {
				evidence_open(&t->jot, t->still, set, kind, i);
				jot_end_object(&t->jot);
				told++;
			}
		}
	}
}

/* The repository that would hold this URI: the module it lies in; an RRDP
 * repository is known by what was found or taken there. */
static unsigned
find_repository(const struct telling *t)
{
	const struct report *report = still_report(t->still);
	size_t best = 0;
	unsigned found = UINT16_MAX + 1;

	for (size_t i = 0; report != NULL && i < report->finding_count; i++) {
		const struct report_finding *f = &report->findings[i];

		if (f->uri != NULL && same_folder(f->uri, t->what->uri)) {
			return f->repository;
		}
	}
	for (size_t i = 0; report != NULL && i < report->repository_count;
	     i++) {
		const char *uri = report->repositories[i].uri;

		if (strncmp(t->what->uri, uri, strlen(uri)) == 0 &&
		    strlen(uri) > best) {
			best = strlen(uri);
			found = (unsigned)i;
		}
	}
	return found;
}

static void
put_object(struct telling *t)
{
	bool any;
	const bool *ours = find_sources(t, t->still->view.current, &any);

	note_near(t, t->what->uri);
	jot_bool(&t->jot, "inSet", any);
	jot_list(&t->jot, "payload");
	if (any) {
		put_items(t, ours);
	}
	jot_end_list(&t->jot);
	if (!any) {
		evidence_repository(&t->jot, t->still, find_repository(t));
	}
}

void
explain_write(struct pen *pen, const struct still *still,
    const struct explain *what)
{
	const struct report *report = still_report(still);
	struct telling t = { .jot = { .pen = pen },
		.still = still,
		.what = what };

	t.told = arena_zero(still->arena,
	    report == NULL ? 1 : report->finding_count + 1, sizeof(*t.told));

	jot_object(&t.jot, NULL);
	jot_time(&t.jot, "generatedTime", still->now, 0);
	jot_number(&t.jot, "serial", still->view.serial);
	jot_object(&t.jot, "query");
	if (what->uri != NULL) {
		jot_text(&t.jot, "uri", what->uri);
	} else {
		jot_prefix(&t.jot, "prefix", &what->prefix);
	}
	if (what->has_asn) {
		jot_asn(&t.jot, "asn", what->asn);
	}
	jot_end_object(&t.jot);
	if (what->uri != NULL) {
		put_object(&t);
	} else {
		put_route(&t);
		put_rules(&t);
		suspects_put(&t.jot, still, &what->prefix, t.valid, t.told);
	}
	put_removed(&t);
	put_findings(&t);
	put_lost_points(&t);
	put_anchors(&t);
	jot_end_object(&t.jot);
}
