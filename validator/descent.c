/* SPDX-License-Identifier: BSD-2-Clause */
/* descent - see descent.h. */
#include "validator/descent.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/map.h"
#include "validator/branch.h"
#include "validator/docket.h"
#include "validator/joint.h"
#include "validator/place.h"
#include "validator/recall.h"

/* So long the walk recalls points before it looks around again. */
enum { BRIEF_US = 2000 };

/* The same certificate under the same resources gives the same point. */
struct ca_key {
	struct hash certificate, holds, ta;
};

static struct ca_key
key_of(const struct ca *ca)
{
	return (struct ca_key){ ca->own.certificate, ca->holds,
		{ { (uint8_t)(ca->ta >> 8), (uint8_t)ca->ta } } };
}

/*
 * Once is enough, however many manifests list it. Without this, CAs that
 * certify each other's children double the work at each level.
 */
static struct spot *
seen_before(const struct walk *walk, const struct ca *ca)
{
	const struct ca_key key = key_of(ca);
	struct spot *spot = map_get(walk->seen, bytes_of(&key, sizeof(key)));

	return spot != NULL && spot->round == walk->round ? spot : NULL;
}

static void
note_seen(struct walk *walk, struct spot *spot)
{
	const struct ca_key key = key_of(spot->ca);
	const struct spot *before =
	    map_set(walk->seen, bytes_of(&key, sizeof(key)), spot);

	if (before != NULL) {
		branch_go_on(spot, before);
	}
}

static const struct share one_point = { .points = 1 };

struct spot *
descent_spot(struct walk *walk, const struct ca *ca, struct spot *parent)
{
	struct spot *spot = arena_zero(walk->arena, 1, sizeof(*spot));

	spot->ca = ca;
	spot->tenure =
	    (struct tenure){ ca->not_before, ca->not_after, ca->stale };
	spot->parent = parent;
	spot->round = walk->round;
	if (parent != NULL) {
		note_seen(walk, spot);
	}
	docket_enter(walk, spot);
	branch_charge(spot, &one_point);
	walk->spots = array_room(walk->spots, walk->spot_count,
	    &walk->spot_room, sizeof(struct spot *));
	walk->spots[walk->spot_count++] = spot;
	walk->open++;
	return spot;
}

static enum fault
child_fault(const struct walk *walk, struct spot *spot,
    const struct ca_seed *seed)
{
	if (ca_loops(spot->ca, seed)) {
		return FAULT_CA_LOOP;
	}
	if (spot->ca->depth + 1 > walk->policy->max_ca_depth) {
		return FAULT_CA_DEPTH;
	}
	return branch_fault(walk, spot, &one_point);
}

static void
add_child(struct walk *walk, struct spot *spot, const struct ca_seed *seed)
{
	enum fault fault = child_fault(walk, spot, seed);
	const struct ca *ca;
	struct spot *before;

	if (fault != FAULT_NONE) {
		walk_note(walk, fault, seed->uri, spot);
		return;
	}
	ca = ca_new(spot->ca, spot->ca->ta, seed, walk->arena);
	before = seen_before(walk, ca);
	if (before == NULL) {
		place_spot(walk, descent_spot(walk, ca, spot));
	} else {
		joint_note(walk, before, spot, seed->stale);
	}
}

/* What an answer takes. */
static void
measure(struct spot *spot, struct share *share)
{
	const struct point_result *result = spot->result;

	*share = (struct share){ .octets = result->answer.len,
		.items = result->head.items };
	spot->findings = result->head.findings;
	spot->finding_octets = result->head.finding_octets;
}

/* Too much for the branch it is on: as if it had been rejected. */
static void
turn_away(struct walk *walk, struct spot *spot, enum fault fault)
{
	spot->over = true;
	spot->state = SPOT_REJECTED;
	spot->findings = spot->finding_octets = 0;
	walk_note(walk, fault, spot->ca->own.manifest_uri, spot);
}

/* Its branch or its host has had its time. */
static void
late(struct walk *walk, struct spot *spot, enum fault fault)
{
	walk->open--;
	walk->done++;
	turn_away(walk, spot, fault);
}

/* Children only; the rest stays in the answer until the set is gathered. */
static void
follow(struct walk *walk, struct spot *spot)
{
	struct answer_reader reader;
	struct answer_head head;
	struct ca_seed seed;

	if (!answer_open(&reader, &head, octets_bytes(&spot->result->answer),
		walk->arena)) {
		return;
	}
	walk->vrps += head.vrps;
	while (answer_next_child(&reader, &seed)) {
		add_child(walk, spot, &seed);
	}
}

static void
take(struct walk *walk, struct point_result *result)
{
	static const enum spot_state states[] = {
		[ANSWER_VALID] = SPOT_VALID,
		[ANSWER_KEPT] = SPOT_CACHED,
		[ANSWER_REJECTED] = SPOT_REJECTED,
	};
	struct spot *spot = result->job.owner;
	struct share share;
	enum fault fault;

	walk->open--;
	walk->done++;
	docket_answered(spot);
	if (spot->unheard && result->head.state == ANSWER_REJECTED) {
		spot->state = SPOT_WAITING;
		point_result_free(result);
		return;
	}
	spot->result = result;
	spot->state = states[result->head.state];
	walk->holes |= result->holes;
	span_within(&walk->span, result->head.from, result->head.until);
	measure(spot, &share);
	fault = branch_fault(walk, spot, &share);
	if (fault != FAULT_NONE) {
		turn_away(walk, spot, fault);
	} else {
		branch_charge(spot, &share);
		follow(walk, spot);
	}
}

void
descent_done(struct walk *walk, struct point_result *result)
{
	docket_done(walk, result);
	take(walk, result);
}

static bool
recalled(struct walk *walk, struct spot *spot)
{
	struct point_job job = docket_job(spot);
	struct point_result *result = recall_point(walk->recall, &job);

	if (result != NULL) {
		take(walk, result);
	}
	return result != NULL;
}

/* What it takes to find out is charged in any case. */
bool
descent_go(struct walk *walk)
{
	struct clock_lap lap = clock_lap_begin();
	uint64_t spent = 0;
	struct spot *spot;
	bool any = false;

	while (spent < BRIEF_US && (spot = docket_next(walk)) != NULL) {
		enum fault fault = docket_fault(walk, spot);
		uint64_t us;

		if (fault != FAULT_NONE) {
			late(walk, spot, fault);
			continue;
		}
		if (recalled(walk, spot)) {
			any = true;
		} else {
			docket_judge(walk, spot);
		}
		us = clock_lap_us(&lap);
		docket_charge(walk, spot, us);
		spent += us;
	}
	recall_rest(walk->recall);
	walk->hurried = spent >= BRIEF_US;
	return any;
}
