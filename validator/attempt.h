/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempt - try to believe one manifest of a CA, and all it lists.
 *
 * point.c decides which manifest to try; here it is opened, its CRL and every
 * listed object judged. Anything wrong with the manifest, its CRL or the
 * presence of a file fails the attempt as a whole (RFC 9286 6.6); a listed
 * object that is wrong in itself costs only that object.
 */
#pragma once

#include "store/mirror.h"
#include "validator/point.h"
#include "validator/signed.h"

enum attempt_from {
	ATTEMPT_MIRROR, /* files as the repository publishes them now */
	ATTEMPT_KEPT,   /* files by hash: the last good version */
};

struct attempt {
	const struct point_judge *judge;
	const struct point_job *job;
	struct kv_txn *txn;
	enum attempt_from from;
	struct span *span;
	struct octets *answer;
	struct signed_object object;   /* the manifest */
	const char *folder;            /* it is in: so is what it lists */
	struct signed_content content; /* decoded by attempt_open() */
	size_t taks;                   /* that it lists */
	bool complete;                 /* all it lists was there */
	/* Its folder in the mirror, looked at as a whole; `most` 0: it is not,
	 * but file by file. */
	struct mirror_shelf shelf;
	uint32_t most;
	/* Why the attempt failed. */
	enum fault fault;
	const char *fault_uri, *detail;
	struct hash fault_object;
	bool absent;  /* something was not there, or was another */
	bool hole;    /* its repository lists it, and the store lost it */
	bool damaged; /* the store's copy of `spoilt` is not it any more */
	struct hash spoilt;
	int machine;   /* -errno */
	int64_t stale; /* when the first that vouches for it ends */
};

/* Decode the manifest in attempt->object. False: attempt->fault says why. */
bool attempt_open(struct attempt *attempt);

/* The mirror lists it and the store has it not: lost, or once too large and
 * perhaps not under the ceiling of today; that is fetched as what is damaged.
 */
void attempt_lacks(struct attempt *attempt, const struct signed_object *object);

/* Is every listed file there under its hash? */
bool attempt_complete(struct attempt *attempt);

/* Judge it all; records go to the answer. False: attempt->fault says why. */
bool attempt_run(struct attempt *attempt);
