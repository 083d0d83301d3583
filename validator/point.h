/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * point - judge one publication point (RFC 9286 6): a pure function.
 *
 * In: the CA with its effective resources, the mirror of its repository, the
 * last good manifest, a read-only view of the store, the time, the policy.
 * Out: an answer. No network, no writes, no clock.
 */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "base/octets.h"
#include "crypto/verify.h"
#include "payload/policy.h"
#include "store/kv.h"
#include "store/lastgood.h"
#include "validator/answer.h"
#include "validator/ca.h"
#include "validator/constraints.h"
#include "validator/ward.h"

/* What all judging of a run shares; never changes. */
struct point_court {
	struct kv *kv;
	struct bars *bars; /* NULL: looked for each time */
	const struct policy *policy;
	int64_t now;
	const struct constraints *constraints; /* one per TA */
	const struct ward *ward; /* what is left alone; NULL: nothing */
	struct blackbox *box;    /* NULL: nobody notes anything */
	struct hash rules;       /* digest of engine version and policy */
};

/* What one worker keeps between points. */
struct point_judge {
	const struct point_court *court;
	struct verifier *verifier;
	struct arena *arena;        /* reset after each point */
	struct arena *scratch;      /* reset after each object */
	struct blackbox_slot *slot; /* what it has in hand; may be NULL */
};

struct point_job {
	const struct ca *ca;
	uint32_t mirror; /* number of the repository; 0: nothing held */
	bool left_out;   /* by the operator's lists: nothing of it is used */
	void *owner;     /* the walk's own, carried through */
};

struct point_result {
	struct point_job job;
	struct octets answer;
	struct answer_head head;
	struct hash key;     /* what to remember it under */
	struct hash fresh;   /* and to which manifest it was given */
	uint64_t judging_us; /* of a processor; the judge's pool says */
	bool remembered;     /* it came from memory */
	bool remember;       /* it may go there */
	/* How the folder looked to whom it was judged complete; results.h. */
	uint32_t folder_most;
	struct hash folder;
	int machine;  /* -errno: the store could not be read */
	bool holes;   /* the store lacks or cannot read what a mirror lists */
	bool differs; /* a file is not the one its manifest lists */
	bool damaged; /* the store's copy of `spoilt` is not it any more */
	struct hash spoilt;
	size_t file_count; /* head.state ANSWER_VALID: the listed objects */
	struct hash *files;
};

struct point_judge *point_judge_new(const struct point_court *court);
void point_judge_free(struct point_judge *judge);

/* Never NULL; the caller frees with point_result_free(). */
struct point_result *point_judge(struct point_judge *judge,
    const struct point_job *job);
void point_result_free(struct point_result *result);

/* The digest of all that the policy and this program add to an answer. */
void point_rules(const struct policy *policy, struct hash *out);
