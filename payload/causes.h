/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * causes - why an item came or went between two sets that were served, as far
 * as their sources and the reports of their runs tell. Pure.
 */
#pragma once

#include "base/arena.h"
#include "payload/delta.h"
#include "payload/report.h"

enum cause {
	CAUSE_OBJECT_NEW,       /* an object that was not there before */
	CAUSE_OBJECT_CHANGED,   /* it says something else now */
	CAUSE_POINT_BACK,       /* its point was rejected before */
	CAUSE_OBJECT_GONE,      /* not on the manifest any more */
	CAUSE_OBJECT_REJECTED,  /* detail: the fault */
	CAUSE_EXPIRED,          /* it, its chain or its manifest */
	CAUSE_REPOSITORY_STALE, /* the same, while its repository could not be
				   fetched; detail: the fault */
	CAUSE_POINT_FAILED,   /* its point or one above was rejected; detail */
	CAUSE_CA_GONE,        /* its CA is not there any more */
	CAUSE_ANCHOR_FAILED,  /* no certificate; detail: the fault */
	CAUSE_ANCHOR_REMOVED, /* by the operator */
	CAUSE_GUARD_RELEASED, /* it failed before, and the guard held it */
	CAUSE_LOCAL,          /* local exceptions or limits changed */
	CAUSE_UNKNOWN,        /* nothing is known of the run before */
	CAUSES
};

/* "object-new" and so on; stable. */
const char *causes_name(enum cause cause);

struct change {
	enum delta_action action;
	enum item_kind kind;
	enum cause cause;
	union {
		struct vrp vrp;
		struct router_key key; /* without its spki */
		struct aspa aspa;      /* as it is now; withdrawn: as it was */
	} item;
	const char *uri;    /* of the object, or path of the exceptions; "" */
	const char *ta;     /* "" for exceptions */
	const char *detail; /* "" for none */
};

struct causes_case {
	int64_t now;
	/* Before and after: what was served, the same before local policy, and
	 * the report of its run (NULL: not known). */
	const struct snapshot *served[2];
	const struct snapshot *whole[2];
	const struct report *report[2];
	/* A place for each trust anchor of the new report: does the collapse
	 * guard let go of what it held? NULL: of none. */
	const bool *released;
};

/* All changes of the delta that leads from served[0] to served[1]; texts lie in
 * the arena, providers are lent by the delta. */
size_t causes_find(const struct causes_case *one, const struct delta *delta,
    struct arena *arena, struct change **changes);
