/* SPDX-License-Identifier: BSD-2-Clause */
/* tally - see tally.h. */
#include "validator/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/map.h"
#include "base/mem.h"
#include "validator/lacking.h"
#include "validator/quota.h"

/* A finding that waits until all points were there. */
struct later {
	const struct spot *spot;
	struct answer_finding finding;
};

struct tally {
	const struct walk *walk;
	struct report report;
	bool complete;
	size_t finding_room, finding_octets;
	struct quota *quota;
	struct later *later;
	size_t later_count, later_room;
	struct arena *arena; /* texts of those, and the report's grounds */
};

/* --- how everything stands */

/* Was it asked for and did not come, or not all of it? */
static bool
missed(const struct repo *repo)
{
	const struct report_repository *r = &repo->report;

	if (r->state == REPO_NEW && !repo->fetching) {
		return false; /* only looked at for what is held of it */
	}
	return (r->state != REPO_READY || r->fault != FAULT_NONE) &&
	       r->fault != FAULT_REPOSITORY_SKIPPED;
}

/* What could not be fetched: counted, and the set is not complete. */
static void
count_failures(struct tally *t)
{
	const struct walk *walk = t->walk;
	uint64_t *faults = t->report.faults;

	for (size_t i = 0; i < walk->repo_count; i++) {
		faults[walk->repos[i]->report.fault]++;
		t->complete &= !missed(walk->repos[i]);
	}
	for (size_t i = 0; i < walk->anchor_count; i++) {
		const struct walk_anchor *a = &walk->anchors[i];

		/* An anchor without a certificate is a finding of the walk. */
		faults[a->fault] += a->root != NULL;
		t->complete &=
		    a->fault == FAULT_NONE || a->fault == FAULT_TA_OLDER;
	}
	faults[FAULT_NONE] = 0;
}

static void
begin_report(struct tally *t)
{
	const struct walk *walk = t->walk;
	struct report *r = &t->report;

	r->ta_count = walk->anchor_count;
	r->tas = mem_zero(r->ta_count, sizeof(*r->tas));
	for (size_t i = 0; i < r->ta_count; i++) {
		const struct walk_anchor *a = &walk->anchors[i];

		r->tas[i].name = a->name;
		r->tas[i].uri = a->uri;
		r->tas[i].fault = a->fault;
		r->tas[i].detail = a->detail[0] != '\0' ? a->detail : NULL;
		r->tas[i].kept = a->kept;
	}
	r->repository_count = walk->repo_count;
	r->repositories =
	    mem_zero(r->repository_count, sizeof(*r->repositories));
	for (size_t i = 0; i < r->repository_count; i++) {
		r->repositories[i] = walk->repos[i]->report;
	}
	count_failures(t);
}

/* How every point stands; parents first, as they were found. */
static void
add_points(struct tally *t)
{
	struct report *r = &t->report;
	struct map *places = map_new(); /* CA to place + 1 */

	r->points = mem_zero(t->walk->spot_count + 1, sizeof(*r->points));
	for (size_t i = 0; i < t->walk->spot_count; i++) {
		const struct spot *spot = t->walk->spots[i];
		const struct ca *issuer = spot->ca->issuer;
		uintptr_t above = issuer == NULL
				      ? 0
				      : (uintptr_t)map_get(places,
					    bytes_of(&issuer, sizeof(issuer)));

		if (r->point_count == LIMIT_REPORT_POINTS ||
		    (issuer != NULL && above == 0)) {
			r->points_lost++;
			continue;
		}
		r->points[r->point_count++] = (struct report_point){
			.name = report_point_name(spot->ca->own.manifest_uri),
			.parent = above == 0 ? REPORT_NO_POINT
					     : (uint32_t)(above - 1),
			.ta = spot->ca->ta,
			.repository =
			    spot->repo == NULL ? UINT16_MAX : spot->repo->index,
			.state = walk_point_state(spot),
		};
		map_set(places, bytes_of(&spot->ca, sizeof(spot->ca)),
		    (void *)(uintptr_t)r->point_count);
	}
	map_free(places);
}

/* --- what was found */

static size_t
text_size(const char *text)
{
	return text == NULL ? 0 : strlen(text);
}

static void
share_out(struct tally *t)
{
	t->quota = quota_new(t->walk->anchor_count);
	quota_ask_walk(t->quota, t->walk->finding_count);
	for (size_t i = 0; i < t->walk->spot_count; i++) {
		const struct spot *spot = t->walk->spots[i];

		quota_ask(t->quota, spot->ca->ta, spot->findings,
		    spot->finding_octets +
			spot->findings * text_size(spot->ca->own.manifest_uri));
	}
	quota_settle(t->quota);
}

static void
free_finding(const struct report_finding *finding)
{
	free((void *)(uintptr_t)finding->uri);
	free((void *)(uintptr_t)finding->detail);
}

/* Takes the texts. A report must fit a frame, whatever others name things. */
static void
add_finding(struct tally *t, const struct report_finding *finding)
{
	struct report *r = &t->report;
	size_t octets = text_size(finding->uri) + text_size(finding->detail) +
			text_size(finding->point);

	r->faults[finding->fault]++;
	if (r->finding_count >= LIMIT_FINDINGS ||
	    t->finding_octets + octets > LIMIT_FINDING_OCTETS ||
	    !quota_take(t->quota, octets)) {
		free_finding(finding);
		r->findings_lost++;
		return;
	}
	t->finding_octets += octets;
	r->findings = array_room(r->findings, r->finding_count,
	    &t->finding_room, sizeof(*r->findings));
	r->findings[r->finding_count++] = *finding;
}

static void
walk_findings(struct tally *t)
{
	for (size_t i = 0; i < t->walk->finding_count; i++) {
		const struct walk_finding *f = &t->walk->findings[i];

		add_finding(t,
		    &(struct report_finding){
			.fault = f->fault,
			.uri = mem_text(f->uri),
			.ta = f->ta,
			.repository = f->repository,
			.point = f->spot == NULL
				     ? NULL
				     : f->spot->ca->own.manifest_uri,
			.state = f->spot == NULL ? POINT_REJECTED
						 : walk_point_state(f->spot),
		    });
	}
}

static int
text_order(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

/* By what was found where, below which point of which anchor: 0 for the same.
 */
static int
finding_order(const struct report_finding *a, const struct report_finding *b)
{
	int order = strcmp(a->uri, b->uri);

	if (order == 0) {
		order = (int)a->fault - (int)b->fault;
	}
	if (order == 0) {
		order = text_order(a->detail, b->detail);
	}
	if (order == 0) {
		order = memcmp(a->object.at, b->object.at, HASH_SIZE);
	}
	if (order == 0) {
		order = (int)a->ta - (int)b->ta;
	}
	return order != 0 ? order : text_order(a->point, b->point);
}

static int
in_report(const void *left, const void *right)
{
	const struct report_finding *a = left;
	const struct report_finding *b = right;
	int order = finding_order(a, b);

	return order != 0 ? order : (int)a->state - (int)b->state;
}

/* A point that several paths lead to is one point, and what is wrong there was
 * found once. */
static void
sort_findings(struct report *r)
{
	size_t kept = 0;

	if (r->finding_count > 0) {
		qsort(r->findings, r->finding_count, sizeof(*r->findings),
		    in_report);
	}
	for (size_t i = 0; i < r->finding_count; i++) {
		if (kept > 0 && finding_order(&r->findings[kept - 1],
				    &r->findings[i]) == 0) {
			r->faults[r->findings[i].fault]--;
			free_finding(&r->findings[i]);
		} else {
			r->findings[kept++] = r->findings[i];
		}
	}
	r->finding_count = kept;
}

/* --- a tally */

struct tally *
tally_new(const struct walk *walk)
{
	struct tally *t = mem_zero(1, sizeof(*t));

	t->walk = walk;
	t->complete = true;
	t->arena = arena_new();
	begin_report(t);
	share_out(t);
	return t;
}

void
tally_free(struct tally *t)
{
	if (t == NULL) {
		return;
	}
	for (size_t i = 0; i < t->report.finding_count; i++) {
		free_finding(&t->report.findings[i]);
	}
	free(t->report.findings);
	free(t->report.points);
	free(t->report.grounds);
	free(t->report.tas);
	free(t->report.repositories);
	free(t->later);
	arena_free(t->arena);
	quota_free(t->quota);
	free(t);
}

bool
tally_complete(const struct tally *t)
{
	return t->complete;
}

void
tally_point(struct tally *t, const struct spot *spot)
{
	bool remembered = spot->result->remembered;

	t->report.signatures += remembered ? 0 : spot->result->head.signatures;
	t->report.remembered += remembered;
	t->report.judged += !remembered;
	quota_begin(t->quota, spot->ca->ta, spot->findings);
}

static uint64_t *
counters_of_repo(struct tally *t, const struct spot *spot)
{
	return spot->repo == NULL
		   ? NULL
		   : t->report.repositories[spot->repo->index].counters;
}

void
tally_count(struct tally *t, const struct spot *spot,
    enum report_counter counter, uint64_t n)
{
	uint64_t *repo = counters_of_repo(t, spot);

	t->report.tas[spot->ca->ta].counters[counter] += n;
	if (repo != NULL) {
		repo[counter] += n;
	}
}

void
tally_finding(struct tally *t, const struct spot *spot,
    const struct answer_finding *finding)
{
	add_finding(t, &(struct report_finding){
			   .fault = finding->fault,
			   .uri = mem_text(finding->uri),
			   .detail = mem_text(finding->detail),
			   .object = finding->object,
			   .ta = spot->ca->ta,
			   .repository = spot->repo == NULL ? UINT16_MAX
							    : spot->repo->index,
			   .point = spot->ca->own.manifest_uri,
			   .state = walk_point_state(spot),
		       });
}

void
tally_finding_later(struct tally *t, const struct spot *spot,
    const struct answer_finding *finding)
{
	if (t->later_count >= LIMIT_FINDINGS) {
		t->report.faults[finding->fault]++;
		t->report.findings_lost++;
		return;
	}
	t->later = array_room(t->later, t->later_count, &t->later_room,
	    sizeof(*t->later));
	t->later[t->later_count++] = (struct later){
		.spot = spot,
		.finding = { .fault = finding->fault,
		    .uri = arena_text(t->arena, finding->uri),
		    .detail = arena_text(t->arena, finding->detail),
		    .object = finding->object },
	};
}

void
tally_points_end(struct tally *t)
{
	quota_begin_walk(t->quota);
}

struct report *
tally_report(struct tally *t)
{
	for (size_t i = 0; i < t->later_count; i++) {
		tally_finding(t, t->later[i].spot, &t->later[i].finding);
	}
	quota_begin_walk(t->quota);
	walk_findings(t);
	add_points(t);
	lacking_collect(&t->report, t->walk, t->arena);
	sort_findings(&t->report);
	return &t->report;
}
