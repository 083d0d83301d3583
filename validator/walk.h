/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk - from trust anchors down through every publication point.
 *
 * One thread owns the walk. It makes a spot for each CA, asks for the CA's
 * repository when first seen, hands spots to the judges, and makes more spots
 * of the children that come back. Fetchers and judges are pools; the walk
 * never waits on either.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/pool.h"
#include "payload/policy.h"
#include "payload/wire.h"
#include "store/bars.h"
#include "store/met.h"
#include "store/store.h"
#include "validator/answer.h"
#include "validator/ca.h"
#include "validator/fetcher.h"
#include "validator/point.h"
#include "validator/repo.h"
#include "validator/share.h"
#include "validator/span.h"
#include "validator/turn.h"

enum spot_state {
	SPOT_WAITING, /* for its repository */
	SPOT_JUDGING, /* queued or with a judge */
	SPOT_VALID,   /* believed as published */
	SPOT_CACHED,  /* the last good version stands in */
	SPOT_REJECTED,
};

/* Fetches of repositories that a CA has asked for. */
struct crew {
	uint32_t going, unproven; /* now, and of these not known to answer */
	uint64_t gone;            /* in all */
};

/* From when to when a path holds. */
struct tenure {
	int64_t not_before, not_after, stale;
};

struct spot {
	const struct ca *ca;
	struct tenure tenure; /* of its CA's path; see validator/joint.h */
	struct repo *repo;    /* NULL: none may be asked */
	unsigned round;       /* of the walk's, in which it is judged */
	enum spot_state state;
	struct point_result *result; /* NULL until judged */
	struct spot *parent;         /* NULL: of an anchor */
	struct share taken;          /* by this CA and all below */
	struct turn turn;            /* among those to be judged */
	struct crew own, all;        /* of this CA, with those below */
	uint32_t answers;            /* of this CA and all below */
	uint64_t guess;              /* microseconds, while a judge has it */
	bool left_out;               /* by the operator's lists */
	bool over;    /* more than its branch may take: nothing is used */
	bool unheard; /* nothing of its repository was ever here, and nobody
			 waits for it */
	size_t findings, finding_octets;
	struct spot *next_waiting; /* of the repository */
};

/* A path to a spot that another one led to before. */
struct joint {
	struct spot *spot, *parent;
	int64_t stale; /* of the parent's point */
};

/* A finding of the walk itself: about the path, not about one point. */
struct walk_finding {
	enum fault fault;
	const char *uri;
	const struct spot *spot; /* below which; NULL: an anchor's */
	uint16_t ta, repository;
};

struct walk_anchor {
	const char *name;
	struct tal tal;
	bool answered;
	bool passed;           /* it may answer yet, but nobody waits for it */
	struct hash spki;      /* of the TAL's key */
	bool settled;          /* a run that waited for all ended lately */
	atomic_int step;       /* which of the TAL's URIs is being tried */
	const struct ca *root; /* NULL: none */
	struct oddities odd;   /* of its certificate */
	const char *uri;       /* it came from; NULL */
	bool kept;
	bool near; /* in our own network, and what is below it may be */
	enum fault fault;
	char detail[256];
	const struct spot *top; /* in the round before; NULL */
	struct constraints constraints;
};

struct walk {
	const struct policy *policy;
	struct store *store;
	struct log *log;
	int64_t now;
	struct span span; /* in which the same is found out of the same store */
	const struct fetcher_desk *desk;
	struct pool *fetchers, *judges;
	struct recall *recall; /* what earlier runs found out */
	struct bars *bars;     /* what CAs are held to */
	struct arena *arena;   /* CAs and what they borrow */
	struct arena *scratch;
	size_t anchor_count;
	struct walk_anchor *anchors;
	struct map *repo_by_uri;
	struct repo **repos;
	size_t repo_count, repo_room;
	struct repo *pending, **pending_end; /* fetched when it is their turn */
	struct repo *refused; /* were pending; their branch has had its share */
	size_t pending_count;
	size_t fetches, unproven_fetches; /* with a fetcher now */
	struct rations *rations;          /* what each has given */
	struct spot **spots;
	size_t spot_count, spot_room;
	struct map *seen; /* CAs and their last spots: none is judged twice */
	struct joint *joints;
	size_t joint_count, joint_room;
	struct walk_finding *findings;
	size_t finding_count, finding_room;
	unsigned round;             /* how often everything was judged before */
	struct turn turn;           /* above all anchors */
	size_t judging, judge_room; /* with judges now, and at most */
	size_t judge_count;
	uint64_t ahead; /* microseconds, guessed, of those with judges now */
	bool hurried;   /* it broke off, and goes on soon */
	size_t open;    /* spots not judged yet */
	size_t anchors_open;
	size_t done;   /* spots judged */
	uint64_t vrps; /* seen so far, for progress */
	bool given_up; /* nothing more is to be fetched */
	bool closed;   /* in this round nobody is waited for any more */
	bool early; /* in this round a point went on without its repository */
	bool holes; /* of any point, in any round; see point.h */
	int64_t began_ms, round_ms; /* the first round; this one */
	int64_t news_ms;            /* when something last happened */
	int64_t late_ms; /* when one last came that nobody waited for, or left
			    its turn to rsync */
};

/* How the report says that a spot stands. */
enum report_point_state walk_point_state(const struct spot *spot);

/* A finding about the path that leads to this spot. */
void walk_note(struct walk *walk, enum fault fault, const char *uri,
    const struct spot *spot);

/* Submit a fetch for every anchor. */
void walk_begin(struct walk *walk);

/* Take in whatever the pools have finished; true when anything came. */
bool walk_collect(struct walk *walk);

/* Nothing is under way and nothing waits. */
bool walk_over(const struct walk *walk);

/*
 * Of which repositories is a set told before they have come? Those of which
 * something is held stand as they were. Those of which nothing ever was are in
 * no set that routers may have: with one there, and when a run of these days
 * has waited for all of their trust anchor, what is below them can be missed.
 * Else it is not known what routers have of that one, nor whether what is held
 * still stands: only what came these days is not waited for.
 * What was served of one who has just moved there is the server's to keep
 * (payload/pending.h).
 */
enum walk_missing { WALK_HELD, WALK_NEWCOMERS };
/* Would no spot be left waiting without these? */
bool walk_releasable(const struct walk *walk, enum walk_missing missing);
/* Go on with what is held of these, and whatever will ask for them before they
 * have come. */
void walk_release(struct walk *walk, enum walk_missing missing);
/* And of what will be asked in this round nobody waits for either. */
void walk_close(struct walk *walk);
/* Does a spot that names this repository wait for it? */
bool walk_waits(struct walk *walk, struct repo *repo);
/* Anchors that say nothing stand with the certificate that was kept, until they
 * do say something. Was there such a one? */
bool walk_pass_anchors(struct walk *walk);
/* Fetches still under way. */
size_t walk_fetching(const struct walk *walk);
/* The deadline is past: what is not here now will not come. Anchors stand with
 * the certificate that was kept. */
void walk_give_up(struct walk *walk);

/* Did octets of a repository that can be asked turn out to be damaged? */
bool walk_damaged(const struct walk *walk);
/* Ask those repositories anew and judge everything again. */
void walk_refetch(struct walk *walk);

/* Judge everything again with the repositories as they are now. */
void walk_again(struct walk *walk);

/* What it led to, once it is over. The caller frees it. */
struct met *walk_met(const struct walk *walk);

void walk_clear(struct walk *walk);
