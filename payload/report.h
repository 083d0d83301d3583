/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report - what a run did: repositories, trust anchors, counts and findings.
 *
 * The engine makes one, the waist carries it, metrics, status, summary and
 * explain read it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/octets.h"

enum report_counter {
#define COUNTER(name, label) REPORT_##name,
#include "payload/counters.def"
#undef COUNTER
	REPORT_COUNTERS
};

enum repository_kind { REPOSITORY_RRDP, REPOSITORY_RSYNC };

enum repository_state {
	REPO_NEW,
	REPO_NOTICE,
	REPO_DELTAS,
	REPO_SNAPSHOT,
	REPO_RSYNC,
	REPO_READY,
	REPO_STALE,
	REPO_BACKING_OFF,
	REPO_STATES
};

struct report_repository {
	enum repository_kind kind;
	enum repository_state state;
	const char *uri;     /* notify URI or module */
	enum fault fault;    /* why it is stale; FAULT_NONE */
	const char *detail;  /* one line for people, or NULL */
	const char *session; /* RRDP */
	uint64_t serial;
	const char *snapshot_reason; /* stable word, or NULL when deltas did */
	int32_t status; /* HTTP status or rsync exit code; -1: none */
	/* HTTP status of the last snapshot or delta; 0: none was asked for. */
	int32_t payload_status;
	uint32_t duration_ms;
	uint64_t octets;      /* transferred this run */
	uint32_t objects;     /* held now */
	int64_t last_success; /* 0: never */
	int64_t next_due;
	uint32_t failures; /* in a row */
	uint64_t counters[REPORT_COUNTERS];
};

/* Addresses from the first to the last, written as in base/ip.h. */
struct report_span {
	uint8_t family;
	uint8_t min[16], max[16];
};

/* What points that are waited for may speak of, in order and without overlaps;
 * payload/awaited.h reads it. */
struct report_awaited {
	size_t count;
	const struct report_span *spans;
};

/* The family of ranges of AS numbers, which are only there. */
enum { REPORT_SPAN_AS = 3 };

struct report_ta {
	const char *name;
	const char *uri; /* of the certificate in use, or NULL */
	enum fault fault;
	const char *detail;
	bool kept; /* the certificate comes from the store */
	struct report_awaited awaited;
	uint64_t counters[REPORT_COUNTERS];
};

/* How a publication point stood in a run. */
enum report_point_state {
	POINT_WAITING,  /* not judged, when the set was sealed */
	POINT_VALID,    /* believed as published */
	POINT_CACHED,   /* the last good version stands in */
	POINT_REJECTED, /* nothing from it */
	POINT_STATES
};

/* One object or point that was rejected, or an oddity that was noted. */
struct report_finding {
	enum fault fault;
	const char *uri;
	const char *detail; /* or NULL */
	struct hash object; /* zero when there is none */
	uint16_t ta;
	uint16_t repository;
	/* Manifest URI of the CA it was found below, and how that stood. */
	const char *point;
	enum report_point_state state;
};

#define REPORT_NO_POINT UINT32_MAX

/* A publication point, by report_point_name(); parents stand before. */
struct report_point {
	uint64_t name;
	uint32_t parent; /* index; REPORT_NO_POINT: a trust anchor's own */
	uint16_t ta;
	uint16_t repository; /* UINT16_MAX: none may be asked */
	enum report_point_state state;
};

/* A point of which something is missing: nothing was taken from it, not the
 * newest, or not all. payload/ground.h reads it. */
struct report_ground {
	const char *uri; /* of its manifest */
	uint16_t ta, repository;
	enum report_point_state state;
	bool coarse; /* too many ranges: what lies between them is in too */
	size_t count;
	const struct report_span *spans; /* what its certificate covers */
};

struct report {
	int64_t started, finished;
	uint64_t cpu_us;
	uint64_t memory_kb;  /* peak of the engine */
	uint64_t signatures; /* verifications done */
	uint64_t remembered; /* points answered from memory */
	uint64_t judged;     /* points judged */
	uint32_t sandbox;    /* bits of base/sandbox.h */
	int64_t valid_until; /* first expiry among the payload */
	size_t ta_count;
	struct report_ta *tas;
	size_t repository_count;
	struct report_repository *repositories;
	size_t finding_count;
	struct report_finding *findings;
	size_t findings_lost; /* beyond the ceiling: counted only */
	size_t point_count;
	struct report_point *points;
	size_t points_lost; /* beyond the ceiling */
	size_t ground_count;
	struct report_ground *grounds;
	size_t grounds_lost; /* beyond the ceiling */
	uint64_t faults[FAULT_COUNT];
};

const char *report_state_name(enum repository_state state);
const char *report_point_state_name(enum report_point_state state);

/* By its name; NULL: it has none of that. */
const struct report_ta *report_find_ta(const struct report *report,
    const char *name);

/* An RRDP update as one number: the HTTP status of what was asked for last; -1:
 * no answer; -2: it came and was refused. */
int32_t report_rrdp_status(const struct report_repository *repository);

/* A short name of the point that publishes at this URI: the manifest's or that
 * of any object on it, since they share a directory (RFC 6487 4.8.8.1). */
uint64_t report_point_name(const char *uri);
/* Was it rejected or not reached, and not because the operator's own lists left
 * its repository out? */
bool report_point_failed(const struct report *report,
    const struct report_point *point);
const char *report_counter_name(enum report_counter counter);

void report_encode(struct octets *out, const struct report *report);
/* False when the octets are not a report: then *report is not to be used. */
bool report_decode(struct report *report, struct bytes in, struct arena *arena);
