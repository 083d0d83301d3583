/* SPDX-License-Identifier: BSD-2-Clause */
/* gather - see gather.h. */
#include "validator/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "payload/sheaf.h"
#include "validator/crowd.h"
#include "validator/lacking.h"
#include "validator/quota.h"
#include "validator/rejected.h"

/* So much goes at once: what both sides hold of it stays in their caches. */
enum { BATCH = 1 << 17 };

/* VRPs that wait to be put in order, at most: whatever is more goes as it
 * comes, and who seals the set sorts it. */
enum { MOST_IN_ORDER = 1 << 21 };

/* A VRP that the operator wants left out. */
struct unsafe {
	const struct spot *spot;
	struct answer_finding finding;
};

/* A set on its way out. */
struct gather {
	const struct walk *walk;
	struct talk *talk;
	struct arena *arena;
	struct resources rejected; /* of all CAs that were rejected */
	struct octets sources, vrps, keys, aspas;
	bool in_order; /* VRPs wait for the last of them: here */
	struct sheaf waiting;
	uint32_t source_count;
	struct wire_seal seal;
	struct report report;
	size_t finding_room, finding_octets;
	struct quota *quota;
	struct crowd *crowd;
	struct unsafe *unsafe;
	size_t unsafe_count, unsafe_room;
	struct arena *texts; /* of them */
	/* Of the source that came last. */
	char uri[LIMIT_URI + 1];
	struct hash object;
};

static void
flush(struct gather *g, enum wire type, struct octets *batch)
{
	if (batch->len > 0) {
		talk_frame(g->talk, type, octets_bytes(batch));
		octets_reset(batch);
	}
}

/* Sources first: an item may only name one that was sent. */
static void
flush_all(struct gather *g, size_t least)
{
	if (g->sources.len > least || g->vrps.len > least ||
	    g->keys.len > least || g->aspas.len > least) {
		flush(g, WIRE_SOURCES, &g->sources);
		flush(g, WIRE_VRPS, &g->vrps);
		flush(g, WIRE_ROUTER_KEYS, &g->keys);
		flush(g, WIRE_ASPAS, &g->aspas);
	}
}

static void
send_waiting(struct gather *g)
{
	const struct sheaf *sheaf = &g->waiting;

	flush(g, WIRE_SOURCES, &g->sources);
	for (size_t i = 0; i < sheaf->count; i++) {
		wire_put_vrp(&g->vrps, &sheaf->vrps[i], sheaf->sources[i]);
		if (g->vrps.len > BATCH) {
			flush(g, WIRE_VRPS, &g->vrps);
		}
	}
	flush(g, WIRE_VRPS, &g->vrps);
	sheaf_clear(&g->waiting);
}

static void
add_vrp(struct gather *g, const struct vrp *vrp, uint32_t source)
{
	g->seal.vrps++;
	if (!g->in_order) {
		wire_put_vrp(&g->vrps, vrp, source);
		return;
	}
	sheaf_add(&g->waiting, vrp, source);
	if (g->waiting.count == MOST_IN_ORDER) {
		send_waiting(g);
		g->in_order = false;
	}
}

static uint64_t *
counters_of_repo(struct gather *g, const struct spot *spot)
{
	return spot->repo == NULL
		   ? NULL
		   : g->report.repositories[spot->repo->index].counters;
}

static void
count(struct gather *g, const struct spot *spot, enum report_counter counter,
    uint64_t n)
{
	uint64_t *repo = counters_of_repo(g, spot);

	g->report.tas[spot->ca->ta].counters[counter] += n;
	if (repo != NULL) {
		repo[counter] += n;
	}
}

static size_t
text_size(const char *text)
{
	return text == NULL ? 0 : strlen(text);
}

static void
free_finding(const struct report_finding *finding)
{
	free((void *)(uintptr_t)finding->uri);
	free((void *)(uintptr_t)finding->detail);
}

/* Takes the texts. A report must fit a frame, whatever others name things. */
static void
add_finding(struct gather *g, const struct report_finding *finding)
{
	struct report *r = &g->report;
	size_t octets = text_size(finding->uri) + text_size(finding->detail) +
			text_size(finding->point);

	r->faults[finding->fault]++;
	if (r->finding_count >= LIMIT_FINDINGS ||
	    g->finding_octets + octets > LIMIT_FINDING_OCTETS ||
	    !quota_take(g->quota, octets)) {
		free_finding(finding);
		r->findings_lost++;
		return;
	}
	g->finding_octets += octets;
	r->findings = array_room(r->findings, r->finding_count,
	    &g->finding_room, sizeof(*r->findings));
	r->findings[r->finding_count++] = *finding;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void
add_source(struct gather *g, const struct spot *spot,
    const struct answer_source *from)
{
	const struct tenure *path = &spot->tenure;
	int64_t stale = earlier(path->stale, spot->result->head.stale);
	struct source source = {
		.kind = from->kind,
		.ta = spot->ca->ta,
		.repository =
		    spot->repo == NULL ? UINT16_MAX : spot->repo->index,
		.kept = spot->state == SPOT_CACHED,
		.uri = from->uri,
		.object = from->object,
		.not_before = from->not_before,
		.not_after = from->not_after,
		.chain_not_before = later(path->not_before, from->not_before),
		.chain_not_after = earlier(path->not_after, from->not_after),
		.stale = stale,
	};

	/* Who lives with stale manifests keeps what they vouch for. */
	source.expires = g->walk->policy->stale == POLICY_REJECT
			     ? earlier(source.chain_not_after, stale)
			     : source.chain_not_after;
	g->seal.valid_until = earlier(g->seal.valid_until, source.expires);
	wire_put_source(&g->sources, &source);
	g->source_count++;
	(void)snprintf(g->uri, sizeof(g->uri), "%s", from->uri);
	g->object = from->object;
}

static void
add_spot_finding(struct gather *g, const struct spot *spot,
    const struct answer_finding *finding)
{
	add_finding(g, &(struct report_finding){
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

/* Told when all is known: who gives them may have no finding of its own. */
static void
note_unsafe(struct gather *g, const struct spot *spot, const char *prefix,
    uint32_t asn)
{
	if (g->unsafe_count >= LIMIT_FINDINGS) {
		g->report.faults[FAULT_VRP_UNSAFE]++;
		g->report.findings_lost++;
		return;
	}
	g->unsafe = array_room(g->unsafe, g->unsafe_count, &g->unsafe_room,
	    sizeof(*g->unsafe));
	g->unsafe[g->unsafe_count++] = (struct unsafe){
		.spot = spot,
		.finding = { .fault = FAULT_VRP_UNSAFE,
		    .uri = arena_text(g->texts, g->uri),
		    .detail = arena_printf(g->texts, "%s AS%u", prefix,
			(unsigned)asn),
		    .object = g->object },
	};
}

/* Overlaps the resources of a rejected CA: as the operator wants it. */
static bool
take_vrp(struct gather *g, const struct spot *spot, const struct vrp *vrp)
{
	bool v4 = vrp->prefix.family == IP_V4;
	char text[IP_TEXT];

	if (resources_touches_prefix(&g->rejected, &vrp->prefix)) {
		count(g, spot, REPORT_UNSAFE_VRPS, 1);
		count(g, spot, v4 ? REPORT_UNSAFE_V4 : REPORT_UNSAFE_V6, 1);
		ip_prefix_text(&vrp->prefix, text);
		if (g->walk->policy->unsafe_vrps == POLICY_REJECT) {
			note_unsafe(g, spot, text, vrp->asn);
			return false;
		}
		if (g->walk->policy->unsafe_vrps == POLICY_WARN) {
			log_warn(g->walk->log, "unsafe VRP %s-%u AS%u", text,
			    vrp->max_length, vrp->asn);
		}
	}
	count(g, spot, REPORT_VRPS, 1);
	count(g, spot, v4 ? REPORT_VRPS_V4 : REPORT_VRPS_V6, 1);
	return true;
}

static void
add_aspa(struct gather *g, const struct spot *spot, const struct aspa *aspa)
{
	count(g, spot, REPORT_ASPAS, 1);
	wire_put_aspa(&g->aspas, aspa, g->source_count - 1);
	g->seal.aspas++;
	crowd_add(g->crowd, aspa, g->uri, &g->object, spot);
}

static void
on_crowd(void *arg, const char *uri, const struct hash *object,
    const struct spot *spot)
{
	add_spot_finding(arg, spot,
	    &(struct answer_finding){ .fault = FAULT_ASPA_LIMIT,
		.uri = uri,
		.object = *object });
}

static void
add_item(struct gather *g, const struct spot *spot,
    const struct answer_item *item)
{
	uint32_t source = g->source_count - 1;

	switch (item->record) {
	case ANSWER_FINDING:
		add_spot_finding(g, spot, &item->finding);
		break;
	case ANSWER_SOURCE:
		add_source(g, spot, &item->source);
		break;
	case ANSWER_VRP:
		if (take_vrp(g, spot, &item->vrp)) {
			add_vrp(g, &item->vrp, source);
		}
		break;
	case ANSWER_ROUTER_KEY:
		count(g, spot, REPORT_ROUTER_KEYS, 1);
		wire_put_router_key(&g->keys, &item->router_key, source);
		g->seal.router_keys++;
		break;
	case ANSWER_ASPA:
		add_aspa(g, spot, &item->aspa);
		break;
	case ANSWER_COUNT:
		count(g, spot, item->count.counter, item->count.n);
		break;
	case ANSWER_CHILD:
	case ANSWER_END:
		break;
	}
}

static void
share_out(struct gather *g)
{
	g->quota = quota_new(g->walk->anchor_count);
	quota_ask_walk(g->quota, g->walk->finding_count);
	for (size_t i = 0; i < g->walk->spot_count; i++) {
		const struct spot *spot = g->walk->spots[i];

		quota_ask(g->quota, spot->ca->ta, spot->findings,
		    spot->finding_octets +
			spot->findings * text_size(spot->ca->own.manifest_uri));
	}
	quota_settle(g->quota);
}

static void
add_spot(struct gather *g, const struct spot *spot)
{
	struct answer_reader reader;
	struct answer_head head;
	struct answer_item item;

	if (spot->result == NULL) {
		return;
	}
	g->report.signatures += spot->result->head.signatures *
				(spot->result->remembered ? 0u : 1u);
	g->report.remembered += spot->result->remembered;
	g->report.judged += !spot->result->remembered;
	quota_begin(g->quota, spot->ca->ta, spot->findings);
	if (spot->over) {
		count(g, spot, REPORT_REJECTED_POINTS, 1);
	} else if (answer_open(&reader, &head,
		       octets_bytes(&spot->result->answer), g->arena)) {
		while (answer_next(&reader, &item)) {
			add_item(g, spot, &item);
			flush_all(g, BATCH);
			arena_reset(g->arena);
		}
	}
}

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
count_failures(struct gather *g)
{
	const struct walk *walk = g->walk;
	uint64_t *faults = g->report.faults;

	for (size_t i = 0; i < walk->repo_count; i++) {
		faults[walk->repos[i]->report.fault]++;
		g->seal.complete &= !missed(walk->repos[i]);
	}
	for (size_t i = 0; i < walk->anchor_count; i++) {
		const struct walk_anchor *a = &walk->anchors[i];

		/* An anchor without a certificate is a finding of the walk. */
		faults[a->fault] += a->root != NULL;
		g->seal.complete &=
		    a->fault == FAULT_NONE || a->fault == FAULT_TA_OLDER;
	}
	faults[FAULT_NONE] = 0;
}

static void
begin_report(struct gather *g)
{
	const struct walk *walk = g->walk;
	struct report *r = &g->report;

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
	count_failures(g);
}

static void
walk_findings(struct gather *g)
{
	for (size_t i = 0; i < g->walk->finding_count; i++) {
		const struct walk_finding *f = &g->walk->findings[i];

		add_finding(g,
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

/* How every point stands; parents first, as they were found. */
static void
add_points(struct gather *g)
{
	struct report *r = &g->report;
	struct map *places = map_new(); /* CA to place + 1 */

	r->points = mem_zero(g->walk->spot_count + 1, sizeof(*r->points));
	for (size_t i = 0; i < g->walk->spot_count; i++) {
		const struct spot *spot = g->walk->spots[i];
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

void
gather_facts(struct report *report, const struct gather_facts *facts)
{
	struct rusage usage;

	report->started = facts->started;
	report->sandbox = facts->sandbox;
	(void)getrusage(RUSAGE_SELF, &usage);
	report->memory_kb = (uint64_t)usage.ru_maxrss;
	report->cpu_us = (uint64_t)clock_cpu_us();
	report->finished = clock_wall();
}

static void
end_report(struct gather *g, const struct gather_facts *facts)
{
	struct report *r = &g->report;

	sort_findings(r);
	gather_facts(r, facts);
	r->valid_until = g->seal.valid_until;
}

static void
send_begin(struct gather *g)
{
	struct octets o = { 0 };

	octets_u32(&o, (uint32_t)g->walk->anchor_count);
	for (size_t i = 0; i < g->walk->anchor_count; i++) {
		octets_text(&o, g->walk->anchors[i].name);
	}
	talk_frame(g->talk, WIRE_BEGIN, octets_bytes(&o));
	octets_clear(&o);
}

static void
send_end(struct gather *g)
{
	struct octets o = { 0 };

	wire_put_report(&o, &g->report);
	talk_frame(g->talk, WIRE_REPORT, octets_bytes(&o));
	octets_reset(&o);
	wire_put_seal(&o, &g->seal);
	talk_frame(g->talk, WIRE_SEAL, octets_bytes(&o));
	octets_clear(&o);
}

static void
free_gather(struct gather *g)
{
	for (size_t i = 0; i < g->report.finding_count; i++) {
		free_finding(&g->report.findings[i]);
	}
	free(g->report.findings);
	free(g->report.points);
	free(g->report.grounds);
	free(g->report.tas);
	free(g->report.repositories);
	octets_clear(&g->sources);
	octets_clear(&g->vrps);
	octets_clear(&g->keys);
	octets_clear(&g->aspas);
	sheaf_clear(&g->waiting);
	free(g->unsafe);
	arena_free(g->texts);
	arena_free(g->arena);
	crowd_free(g->crowd);
	quota_free(g->quota);
}

void
gather_send(const struct walk *walk, const struct gather_facts *facts,
    struct talk *talk)
{
	struct gather g = {
		.walk = walk,
		.talk = talk,
		.arena = arena_new(),
		.texts = arena_new(),
		.crowd = crowd_new(),
		.in_order = facts->in_order,
		.seal = { .kind = facts->seal,
		    .valid_until = INT64_MAX,
		    .complete = true },
	};

	begin_report(&g);
	rejected_collect(walk, &g.rejected);
	send_begin(&g);
	share_out(&g);
	for (size_t i = 0; i < walk->spot_count; i++) {
		add_spot(&g, walk->spots[i]);
	}
	quota_begin_walk(g.quota);
	crowd_each(g.crowd, walk->policy->max_aspa_providers, on_crowd, &g);
	for (size_t i = 0; i < g.unsafe_count; i++) {
		add_spot_finding(&g, g.unsafe[i].spot, &g.unsafe[i].finding);
	}
	quota_begin_walk(g.quota);
	walk_findings(&g);
	add_points(&g);
	lacking_collect(&g.report, walk, g.arena);
	flush_all(&g, 0);
	sheaf_sort(&g.waiting);
	send_waiting(&g);
	end_report(&g, facts);
	send_end(&g);
	free_gather(&g);
}
