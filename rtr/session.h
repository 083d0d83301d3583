/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session - what to say to one router (RFC 6810, RFC 8210, 8210bis): pure.
 *
 * Takes octets as they come, knows what the cache holds, and says which answer
 * is due. Sending it is the server's business.
 *
 *	fresh -> negotiated -> established
 *	any of them -> closing
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/octets.h"
#include "rtr/pdu.h"

enum session_state {
	SESSION_FRESH,       /* no version yet */
	SESSION_NEGOTIATED,  /* the first query fixed the version */
	SESSION_ESTABLISHED, /* payload was sent: both hold state */
	SESSION_CLOSING,     /* nothing more is heard */
	SESSION_STATES
};

/* What the cache could serve now. */
struct session_cache {
	bool ready;                 /* there is a set */
	uint16_t ids[PDU_VERSIONS]; /* session id of each version */
	uint32_t serial;
	uint32_t oldest;      /* serial from which deltas reach here */
	unsigned max_version; /* highest we speak: 0, 1 or 2 */
};

/* No query is longer than 12 octets, and of what is no query so much is looked
 * at, whatever its header announces. */
enum { SESSION_HELD = 1024 };

enum session_say {
	SESSION_NOTHING, /* needs more octets */
	SESSION_FULL,    /* the whole set */
	SESSION_DELTA,   /* what changed since answer->since */
	SESSION_RESET,   /* Cache Reset */
	SESSION_ERROR,   /* Error Report, octets in answer->report */
	SESSION_HANG_UP, /* the router reported an error: close */
};

struct session_answer {
	enum session_say say;
	uint32_t since; /* of SESSION_DELTA */
	bool close;     /* after the answer was sent */
	enum pdu_error error;
	struct octets report; /* the caller clears it */
	char log[256];        /* one line for people, escaped; may be empty */
};

struct session {
	enum session_state state;
	unsigned version;  /* once negotiated */
	unsigned refused;  /* the lowest version above ours asked for */
	unsigned repeated; /* how often not a lower one was asked for */
	uint16_t id;       /* session id last told; once established */
	struct octets in;  /* not yet understood; SESSION_HELD at most */
	uint64_t reset_queries, serial_queries;
};

void session_init(struct session *session);
void session_clear(struct session *session);

/* More octets of the router. How many were taken: all that there is place for;
 * answering makes place again. */
size_t session_hear(struct session *session, struct bytes more);

/* Has a PDU begun that is not all there? */
bool session_waits(const struct session *session);

/* Call until it says SESSION_NOTHING. */
void session_answer(struct session *session, const struct session_cache *cache,
    struct session_answer *answer);

/* What has become of an answer that was put off, SESSION_FULL or SESSION_DELTA:
 * the cache may have begun another session since, or have nothing any more. */
void session_resume(struct session *session, const struct session_cache *cache,
    struct session_answer *answer);

/* Did a query fix the version, so that Serial Notify may be sent? */
bool session_notifies(const struct session *session);

/* The session that a Serial Notify names: the one last told, whatever the cache
 * began since. Another would be a mismatch, which is fatal (8210bis 5.1); the
 * query that this one brings is answered with a Cache Reset. */
uint16_t session_id(const struct session *session,
    const struct session_cache *cache);

/* Is serial `a` before `b` (RFC 1982 3.2)? False also where undefined. */
bool session_before(uint32_t a, uint32_t b);

const char *session_state_name(enum session_state state);
