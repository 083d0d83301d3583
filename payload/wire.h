/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire - the messages of the waist: what the two programs say to each other.
 *
 * kedge sends RUN or INSPECT and then reads until DONE. A set is believed only
 * when its SEAL came; frames of an unsealed set are dropped.
 */
#pragma once

#include "base/arena.h"
#include "base/frame.h"
#include "base/octets.h"
#include "payload/builder.h"
#include "payload/policy.h"
#include "payload/report.h"

enum wire {
	/* kedge to engine */
	WIRE_RUN = 1, /* policy: fetch and judge */
	WIRE_INSPECT, /* policy, then how to answer: struct wire_inspect */
	WIRE_STOP,    /* end soon, keep what is done */
	WIRE_LOOK,    /* struct wire_look: one object to look at */
	/* engine to kedge */
	WIRE_HELLO,    /* version text: must equal ours */
	WIRE_LOG,      /* level (u8), line */
	WIRE_PROGRESS, /* struct wire_progress */
	WIRE_BEGIN,    /* a set begins: number of TAs and their names */
	WIRE_SOURCES,  /* many sources, numbered on from 0 */
	WIRE_VRPS,     /* many (item, source number) */
	WIRE_ROUTER_KEYS,
	WIRE_ASPAS,
	WIRE_REPORT, /* struct report */
	WIRE_SEAL,   /* struct wire_seal: the set is whole */
	WIRE_TEXT,   /* a piece of inspect's answer, for stdout */
	WIRE_NEXT,   /* ready for another WIRE_LOOK, or WIRE_STOP when none */
	WIRE_DONE,   /* exit code (u8), one line of why */
};

/* In DONE: nothing was begun, since a TAL or its constraints are no good. */
enum { WIRE_REFUSED = 4 };

/* So many fetches are told of one by one, their URIs cut to fit. */
enum { WIRE_FETCHES = 16, WIRE_FETCH_URI = 256 };

/* A repository, or a trust anchor's certificate, that is being fetched. */
struct wire_fetch {
	enum repository_state state; /* new: a certificate */
	int64_t since;               /* wall clock */
	uint64_t octets;             /* so far; rsync's are not known */
	char uri[WIRE_FETCH_URI];
};

struct wire_progress {
	uint32_t repositories, repositories_done;
	uint32_t points, points_done;
	uint32_t fetching; /* under way, or in the queue */
	uint32_t vrps;
	uint64_t octets;
	unsigned fetch_count;
	struct wire_fetch fetches[WIRE_FETCHES]; /* the oldest ones first */
};

enum wire_seal_kind {
	WIRE_SEAL_EARLY, /* stragglers stand with their last good version */
	WIRE_SEAL_FINAL,
};

struct wire_seal {
	enum wire_seal_kind kind;
	uint64_t vrps, router_keys, aspas; /* as sent: the reader counts too */
	int64_t valid_until;
	bool complete; /* every repository answered */
};

enum wire_inspect_form { WIRE_INSPECT_TEXT, WIRE_INSPECT_JSON };
struct wire_inspect {
	enum wire_inspect_form form;
};

struct wire_look {
	const char *name; /* file name, URI or SHA-256 */
	bool in_hand;     /* octets are its; else look it up in the store */
	struct bytes octets;
};
/* The largest octets that fit a frame with any name. */
enum { WIRE_LOOK_OCTETS = LIMIT_FRAME - 65536 };

/* What is being fetched: certificate, notice, deltas, snapshot, rsync. */
const char *wire_fetch_state(const struct wire_fetch *fetch);

void wire_put_progress(struct octets *out, const struct wire_progress *p);
bool wire_read_progress(struct wire_progress *p, struct bytes in);
void wire_put_seal(struct octets *out, const struct wire_seal *s);
bool wire_read_seal(struct wire_seal *s, struct bytes in);
void wire_put_inspect(struct octets *out, const struct wire_inspect *i);
bool wire_read_inspect(struct wire_inspect *i, struct bytes in);
void wire_put_look(struct octets *out, const struct wire_look *look);
/* Lends the octets; copies the name. */
bool wire_read_look(struct wire_look *look, struct bytes in,
    struct arena *arena);
void wire_put_report(struct octets *out, const struct report *report);
bool wire_read_report(struct report *report, struct bytes in,
    struct arena *arena);

/* One record each, appended to a batch the caller sends as one frame. */
void wire_put_source(struct octets *out, const struct source *source);
void wire_put_vrp(struct octets *out, const struct vrp *vrp, uint32_t source);
void wire_put_router_key(struct octets *out, const struct router_key *key,
    uint32_t source);
void wire_put_aspa(struct octets *out, const struct aspa *aspa,
    uint32_t source);
/* Any of these three: the struct of its kind. */
void wire_put_item(struct octets *out, enum item_kind kind, const void *item,
    uint32_t source);

/* BEGIN's body: the names of the trust anchors, in order. */
void wire_put_begin(struct octets *out, const char *const *tas, size_t count);

/*
 * A whole sealed set as frames (BEGIN to ASPAS, none over LIMIT_FRAME), each
 * given to send; stops at the first that does not return 0, and returns it.
 */
typedef int wire_send(void *arg, enum wire type, struct bytes body);
int wire_put_snapshot(const struct snapshot *snapshot, wire_send *send,
    void *arg);

/*
 * Give a BEGIN, SOURCES, VRPS, ROUTER_KEYS or ASPAS frame to a builder. False
 * when the frame is not well formed or names a source never sent.
 */
bool wire_feed(struct builder *builder, const struct frame *frame);
