/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict - does an object validate, by what a walk over the cache said?
 *
 * The walk has judged every point; its answers decide. An object that no point
 * of the walk knows is judged against the CA whose key its issuer's key
 * identifier names, as if that CA's manifest listed it.
 */
#pragma once

#include "validator/roster.h"
#include "validator/specimen.h"

enum verdict_state {
	VERDICT_VALID,
	VERDICT_REJECTED,
	VERDICT_UNLISTED, /* its CA vouches for it, but no manifest lists it */
	VERDICT_UNKNOWN,  /* nothing wrong in itself, but no CA is known */
	VERDICT_STATES
};

/* Another point that has the object, or names it, and found it wrong. */
struct verdict_other {
	const struct spot *spot;
	enum fault fault;
};
enum { VERDICT_OTHERS = 8 };

struct verdict {
	enum verdict_state state;
	enum fault fault;        /* VERDICT_REJECTED: why */
	const char *fault_uri;   /* at which other object; NULL: itself */
	const char *detail;      /* or NULL */
	const char *uri;         /* where it is published; NULL */
	const struct ca *ca;     /* that issued it, or that it is; NULL */
	bool itself;             /* `ca` is the object: a trust anchor */
	const struct spot *spot; /* the issuer's point; NULL */
	bool listed;             /* by the manifest in `roster` */
	bool kept;               /* that is the last good version */
	struct roster roster;
	size_t other_count;
	struct verdict_other others[VERDICT_OTHERS];
};

/*
 * Judge a specimen. `uri` NULL: it was found nowhere in particular, and any
 * place will do. All that *verdict points to lives with walk, txn and arena.
 */
void verdict_of(struct verdict *verdict, const struct walk *walk,
    struct kv_txn *txn, const struct specimen *specimen, const char *uri,
    struct arena *arena);

/* The same of what should be at this URI and is not. */
void verdict_of_absent(struct verdict *verdict, const struct walk *walk,
    struct kv_txn *txn, const char *uri, struct arena *arena);

const char *verdict_name(enum verdict_state state); /* "valid" */
