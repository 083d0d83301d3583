/* SPDX-License-Identifier: BSD-2-Clause */
/* gather - see gather.h. */
#include "validator/gather.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "payload/sheaf.h"
#include "validator/crowd.h"
#include "validator/rejected.h"
#include "validator/tally.h"

/* So much goes at once: what both sides hold of it stays in their caches. */
enum { BATCH = 1 << 17 };

/* VRPs that wait to be put in order, at most: whatever is more goes as it
 * comes, and who seals the set sorts it. */
enum { MOST_IN_ORDER = 1 << 21 };

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
	struct tally *tally;
	struct crowd *crowd;
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

	source.expires = earlier(source.chain_not_after, stale);
	g->seal.valid_until = earlier(g->seal.valid_until, source.expires);
	wire_put_source(&g->sources, &source);
	g->source_count++;
	(void)snprintf(g->uri, sizeof(g->uri), "%s", from->uri);
	g->object = from->object;
}

/* A VRP that the operator wants left out. */
static void
note_unsafe(struct gather *g, const struct spot *spot, const char *prefix,
    uint32_t asn)
{
	tally_finding_later(g->tally, spot,
	    &(struct answer_finding){ .fault = FAULT_VRP_UNSAFE,
		.uri = g->uri,
		.detail =
		    arena_printf(g->arena, "%s AS%u", prefix, (unsigned)asn),
		.object = g->object });
}

/* Overlaps the resources of a rejected CA: as the operator wants it. */
static bool
take_vrp(struct gather *g, const struct spot *spot, const struct vrp *vrp)
{
	bool v4 = vrp->prefix.family == IP_V4;
	char text[IP_TEXT];

	if (resources_touches_prefix(&g->rejected, &vrp->prefix)) {
		tally_count(g->tally, spot, REPORT_UNSAFE_VRPS, 1);
		tally_count(g->tally, spot,
		    v4 ? REPORT_UNSAFE_V4 : REPORT_UNSAFE_V6, 1);
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
	tally_count(g->tally, spot, REPORT_VRPS, 1);
	tally_count(g->tally, spot, v4 ? REPORT_VRPS_V4 : REPORT_VRPS_V6, 1);
	return true;
}

static void
add_aspa(struct gather *g, const struct spot *spot, const struct aspa *aspa)
{
	tally_count(g->tally, spot, REPORT_ASPAS, 1);
	wire_put_aspa(&g->aspas, aspa, g->source_count - 1);
	g->seal.aspas++;
	crowd_add(g->crowd, aspa, g->uri, &g->object, spot);
}

static void
on_crowd(void *arg, const char *uri, const struct hash *object,
    const struct spot *spot)
{
	struct gather *g = arg;

	tally_finding(g->tally, spot,
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
		tally_finding(g->tally, spot, &item->finding);
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
		tally_count(g->tally, spot, REPORT_ROUTER_KEYS, 1);
		wire_put_router_key(&g->keys, &item->router_key, source);
		g->seal.router_keys++;
		break;
	case ANSWER_ASPA:
		add_aspa(g, spot, &item->aspa);
		break;
	case ANSWER_COUNT:
		tally_count(g->tally, spot, item->count.counter, item->count.n);
		break;
	case ANSWER_CHILD:
	case ANSWER_END:
		break;
	}
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
	tally_point(g->tally, spot);
	if (spot->over) {
		tally_count(g->tally, spot, REPORT_REJECTED_POINTS, 1);
	} else if (answer_open(&reader, &head,
		       octets_bytes(&spot->result->answer), g->arena)) {
		while (answer_next(&reader, &item)) {
			add_item(g, spot, &item);
			flush_all(g, BATCH);
			arena_reset(g->arena);
		}
	}
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
send_end(struct gather *g, const struct gather_facts *facts)
{
	struct report *report = tally_report(g->tally);
	struct octets o = { 0 };

	gather_facts(report, facts);
	report->valid_until = g->seal.valid_until;
	wire_put_report(&o, report);
	talk_frame(g->talk, WIRE_REPORT, octets_bytes(&o));
	octets_reset(&o);
	wire_put_seal(&o, &g->seal);
	talk_frame(g->talk, WIRE_SEAL, octets_bytes(&o));
	octets_clear(&o);
}

static void
clear(struct gather *g)
{
	octets_clear(&g->sources);
	octets_clear(&g->vrps);
	octets_clear(&g->keys);
	octets_clear(&g->aspas);
	sheaf_clear(&g->waiting);
	arena_free(g->arena);
	crowd_free(g->crowd);
	tally_free(g->tally);
}

void
gather_send(const struct walk *walk, const struct gather_facts *facts,
    struct talk *talk)
{
	struct gather g = {
		.walk = walk,
		.talk = talk,
		.arena = arena_new(),
		.tally = tally_new(walk),
		.crowd = crowd_new(),
		.in_order = facts->in_order,
		.seal = { .kind = facts->seal, .valid_until = INT64_MAX },
	};

	g.seal.complete = tally_complete(g.tally);
	rejected_collect(walk, &g.rejected);
	send_begin(&g);
	for (size_t i = 0; i < walk->spot_count; i++) {
		add_spot(&g, walk->spots[i]);
	}
	tally_points_end(g.tally);
	crowd_each(g.crowd, walk->policy->max_aspa_providers, on_crowd, &g);
	flush_all(&g, 0);
	sheaf_sort(&g.waiting);
	send_waiting(&g);
	send_end(&g, facts);
	clear(&g);
}
