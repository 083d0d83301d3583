/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * feed - answers for routers out of a history, each encoded once.
 *
 * A full answer per version and a delta per version and serial asked for are
 * kept until the serial changes. What takes long to encode is an order: the
 * owner has it worked off by another thread and brings it back, and whoever
 * asked waits.
 */
#pragma once

#include "payload/history.h"
#include "rtr/server.h"

struct feed;
struct feed_order;

struct feed_config {
	uint16_t sessions[PDU_VERSIONS];
	struct pdu_timing timing; /* brought within bounds */
	unsigned max_version;     /* 0, 1 or 2 */
	/* Octets of deltas that are kept for a version; the newest one is kept
	 * whatever its size. 0: no end. */
	size_t delta_octets;
	/* Takes an order; NULL: everything is encoded at once. */
	void (*order)(void *arg, struct feed_order *order);
	/* Takes an answer that is needed no more, to free it: it may be as
	 * large as the set. NULL: it is freed at once. */
	void (*discard)(void *arg, const struct stream *stream);
	void *arg;
};

/* By any thread, once: it owns all that it needs. */
void feed_work(struct feed_order *order);
void feed_drop(struct feed_order *order); /* NULL is fine */

/* Lends the history, which must live as long. */
struct feed *feed_new(const struct history *history,
    const struct feed_config *config);
void feed_free(struct feed *feed); /* NULL is fine */

/* The history has a new serial: forget what was encoded. */
void feed_changed(struct feed *feed);

/* An order that was worked off; takes it. Those who wait are to ask again. */
void feed_take(struct feed *feed, struct feed_order *order);

/* To be called now and then: full answers that nobody asked for since the last
 * call are forgotten. They are as large as the set itself. */
void feed_rest(struct feed *feed);

/* Go on under other session ids: routers will take everything anew. */
void feed_set_sessions(struct feed *feed,
    const uint16_t sessions[PDU_VERSIONS]);

/* Answer with other timers, and up to another version, from now on. */
void feed_set_terms(struct feed *feed, const struct pdu_timing *timing,
    unsigned max_version);

/* Serve nothing for now (No Data Available), or serve again. */
enum feed_mode { FEED_SERVE, FEED_NO_DATA };
void feed_set_mode(struct feed *feed, enum feed_mode mode);

/* What a server asks. */
struct server_feed feed_of(struct feed *feed);
