/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ask - what a request wants: from its head to a plan, checked. Pure.
 *
 * Paths and parameters are rows of one table; whatever is not there is refused
 * with one line that says what would be right.
 */
#pragma once

#include "base/arena.h"
#include "output/format.h"
#include "output/head.h"

enum ask_what {
	ASK_FORMAT,   /* the set, in one of the formats */
	ASK_VALIDITY, /* of one route */
	ASK_BULK,     /* of the routes in the body */
	ASK_DELTA,    /* /json-delta */
	ASK_NOTIFY,   /* /json-delta/notify: wait for another serial */
	ASK_STATUS,   /* as JSON */
	ASK_STATUS_TEXT,
	ASK_METRICS,
	ASK_VERSION,
	ASK_LOG,
	ASK_HEALTH,
	ASK_READY,
	ASK_FAULTS,
	ASK_EXPLAIN,
	ASK_CHANGES,
	ASK_PAGE,
	ASK_OPTIONS, /* which methods a path knows */
	ASK_WHATS
};

struct ask {
	enum ask_what what;
	unsigned methods; /* bits of enum head_method that the path knows */
	bool json;        /* refusals, too, are JSON */

	const struct format *format;
	struct filter filter; /* lists sorted, without doubles */
	bool filtered; /* of payload or faults not all, as few ask for it */

	bool has_prefix, has_asn;
	struct ip_prefix prefix;
	uint32_t asn;

	bool has_session;
	uint64_t session;
	uint32_t serial;

	const char *uri, *repository, *ta, *label, *since; /* or NULL */
};

/*
 * Everything lands in the arena. When refused, ask->methods and ask->json are
 * still set as far as the path is known.
 */
struct head_refusal ask_read(struct ask *ask, const struct head *head,
    struct arena *arena);

/* "GET, HEAD, OPTIONS" and the like. */
const char *ask_methods(unsigned methods);

/* With everything it points to. */
void ask_copy(struct ask *to, const struct ask *from, struct arena *arena);

/* The same text for equal questions: a key to keep an answer under. */
void ask_key(struct octets *out, const struct ask *ask);
