/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * repo - one repository during a run: what it is doing, who waits for it.
 *
 * Belongs to the walk's thread. States are enum repository_state of
 * payload/report.h; only repo_advance() writes one.
 *
 *	new -> notice -> deltas | snapshot -> ready
 *	new -> rsync -> ready
 *	any of them -> stale, new -> backing-off
 */
#pragma once

#include <stdatomic.h>

#include "base/arena.h"
#include "base/log.h"
#include "payload/policy.h"
#include "payload/report.h"
#include "store/kv.h"
#include "store/repository.h"
#include "validator/fetcher.h"
#include "validator/span.h"

struct spot; /* a point that waits: validator/walk.h */

struct repo {
	struct report_repository report; /* state, uri, counters */
	uint16_t index;
	bool near;           /* who asked may lead into our own network */
	bool unsettled;      /* of an anchor not walked to its end lately */
	bool kept_out;       /* it leads there, and nobody who may had asked */
	struct bytes host;   /* within the URI */
	uint32_t mirror;     /* number in the store; 0: nothing held */
	bool held;           /* it was brought in whole at least once */
	uint64_t weight;     /* row: octets of the store; 0 once charged */
	bool fetching;       /* a fetcher has it, or will */
	bool straggles;      /* meanwhile who asks goes on with what is held */
	int64_t since_ms;    /* of the present state; clock_mono_ms() */
	atomic_int step;     /* what the fetcher says it is at */
	atomic_ullong meter; /* octets that came so far */
	int64_t fallback_at; /* row: when rsync may stand in */
	const char *trouble; /* row: these three of the last failure */
	int32_t status, payload_status;
	uint32_t back; /* row */
	bool differs;  /* a file was not what its manifest says */
	bool later;    /* its row is to say that it came now */
	struct spot *waiting;
	struct spot *asker;        /* who pays: the CA above all that asked */
	enum fault refused;        /* to those that asked, when its turn came */
	struct repo *next_pending; /* of validator/dispatch.h */
	bool dispatched, unproven;
};

struct repo *repo_new(enum repository_kind kind, const char *uri,
    uint16_t index);
void repo_free(struct repo *repo);

/* What the store knows of it. */
void repo_recall(struct repo *repo, struct kv *kv, struct arena *arena);

/* Does an operator's list name the host of this URI? */
bool repo_listed(const struct policy_list *hosts, const char *uri,
    struct arena *arena);

/* Why it is not to be fetched in this run; FAULT_NONE: it is. Sets *ready
 * when what is held counts as fresh. */
enum fault repo_refused(const struct repo *repo, const struct policy *policy,
    int64_t now, bool *ready, struct arena *arena);

/* Has it failed lately, and is it too early to ask again? Kept over runs. */
bool repo_backs_off(const struct repo *repo, const struct policy *policy,
    int64_t now);

/* Then it is not asked, and tells what came of it the last time. */
void repo_rest(struct repo *repo, struct log *log);

/* Take in what a fetcher found out; the state becomes ready or stale. */
void repo_fetched(struct repo *repo, const struct fetcher_result *result,
    int64_t now, struct log *log);

/* Move on: logs "uri: old -> new". */
void repo_advance(struct repo *repo, enum repository_state state,
    struct log *log);

/* By the operator's word and the time: may rsync stand in for this RRDP
 * repository when it gives nothing? */
bool repo_gives_way(const struct repo *repo, const struct policy *policy,
    struct span *span);

/* Should points of this failed RRDP repository turn to rsync? */
bool repo_falls_back(const struct repo *repo, const struct policy *policy,
    struct span *span);
