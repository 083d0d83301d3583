/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * view - everything that HTTP may show of a running server, as plain values.
 *
 * The service fills one for each request that needs it. All of it is lent and
 * looked at before the loop turns again; what a worker needs for longer is
 * counted by reference (snapshot, account) or copied.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "payload/account.h"
#include "payload/filter.h"
#include "payload/history.h"
#include "payload/slurm.h"
#include "payload/snapshot.h"
#include "payload/wire.h"

/* The collapse guard of one trust anchor. */
struct view_guard {
	const char *ta;
	bool active;   /* the last good payload is held */
	int64_t since; /* 0 when not active */
	uint64_t held; /* items that stand only because of it */
};

/* One router, as it stands. */
struct view_router {
	const char *address, *transport, *state;
	int version;    /* -1: none yet */
	int64_t serial; /* last sent in full; -1: none */
	int64_t connected, last_answer, last_reset; /* wall; 0: never */
	uint64_t octets_in, octets_out, resets, serials;
};
typedef void view_router_fn(void *arg, const struct view_router *router);

struct view_rtr {
	unsigned clients;
	uint64_t accepted, refused, octets_in, octets_out;
};

struct view_engine {
	uint64_t runs, failures, restarts;
	uint64_t cpu_us;    /* of all runs of this process */
	uint64_t memory_kb; /* peak of the last run */
	uint64_t signatures, judged, remembered; /* of all runs */
};

/* This process itself. */
struct view_process {
	int64_t started;
	uint64_t cpu_us, memory_kb;
	uint64_t loop_longest_us; /* longest the event loop was away */
	uint32_t sandbox;         /* bits of base/sandbox.h */
	int64_t loaded;           /* when the configuration was last taken */
	uint64_t loads, refused_loads;
};

struct view {
	/* What is served. */
	const struct snapshot *current; /* NULL: no set yet */
	/* As the engine gave it, before exceptions and limits; NULL: not
	 * kept, or the very same. */
	const struct snapshot *whole;
	const struct history *history; /* deltas and their serials */
	uint64_t session;              /* of json-delta, and in ETags */
	uint32_t serial;
	int64_t changed; /* when this serial came to be */
	int64_t made; /* when the current set did: also anew without change */
	uint64_t edition; /* another number for each of those */
	/* When, and in which, items or their trust anchors changed last. */
	int64_t attributed;
	uint64_t attributed_in;

	/* How it came to be. */
	const struct account *account; /* of the last run; NULL: none yet */
	const struct slurm *slurm;     /* NULL: no exceptions */
	const uint64_t *slurm_effects; /* a place for each rule */
	const struct filter_policy *limits;
	uint64_t too_long; /* VRPs left out for their length */
	const struct view_guard *guards;
	size_t guard_count;

	/* How the service does. */
	const char *state;    /* "idle", "running", ... */
	int64_t run_started;  /* the last run; 0: never */
	int64_t run_finished; /* the last that gave a set; 0: never */
	int64_t run_took_ms;  /* the latter; below 0: not known */
	const struct wire_progress *progress; /* NULL: no run under way */
	int64_t run_due;                      /* 0: not planned */
	int64_t stale_since;                  /* 0: fresh */
	struct view_rtr rtr;
	struct view_engine engine;
	struct view_process process;
};

/*
 * What the journal that lies there holds since a time or serial as the client
 * wrote it (NULL: from its beginning). Returns an HTTP status: 200 with JSON in
 * *out, or another with one line that says why. By any thread.
 */
typedef unsigned view_changes_fn(const char *journal, const char *since,
    struct octets *out);

/* What HTTP asks of the service; all on the event loop. */
struct view_source {
	void *arg;
	/* *view comes zeroed. */
	void (*look)(void *arg, struct view *view);
	void (*routers)(void *arg, view_router_fn *each, void *each_arg);
	/* Where the journal lies, and who reads it. NULL: there is none. */
	const char *(*journal)(void *arg);
	view_changes_fn *changes;
};
