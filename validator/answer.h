/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * answer - what judging one publication point said, as octets.
 *
 * A writer appends records while the point is judged; the finished octets are
 * kept until the set is sealed, and in the store as the memory of the point.
 * They hold nothing of the path above the CA, so that the same answer serves
 * wherever the same inputs come up again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/octets.h"
#include "object/manifest.h"
#include "payload/item.h"
#include "payload/report.h"
#include "validator/ca.h"

enum answer_state {
	ANSWER_VALID,    /* what the repository shows now */
	ANSWER_KEPT,     /* the last good version (RFC 9286 6.6) */
	ANSWER_REJECTED, /* nothing from this point */
};

struct answer_head {
	enum answer_state state;
	struct hash manifest; /* in use; zero when rejected */
	uint8_t number[MANIFEST_NUMBER];
	int64_t this_update, next_update;
	int64_t stale;       /* when the first that vouches for it ends */
	int64_t from, until; /* while the same would be said again */
	uint32_t signatures; /* verifications it took */
	/* What the records come to, so that nobody reads them to know. */
	uint32_t vrps, items; /* each provider of an ASPA is an item */
	uint32_t findings;
	uint64_t finding_octets; /* of their texts */
};

enum answer_record {
	ANSWER_END = 0,
	ANSWER_FINDING,
	ANSWER_CHILD,
	ANSWER_SOURCE, /* the object that the next items come from */
	ANSWER_VRP,
	ANSWER_ROUTER_KEY,
	ANSWER_ASPA,
	ANSWER_COUNT,
};

struct answer_finding {
	enum fault fault;
	const char *uri;
	const char *detail; /* or NULL */
	struct hash object; /* zero: none */
};

struct answer_source {
	enum source_kind kind;
	const char *uri;
	struct hash object;
	int64_t not_before, not_after; /* of the EE certificate */
};

/* One record as read: the member named by `record`. */
struct answer_item {
	enum answer_record record;
	union {
		struct answer_finding finding;
		struct ca_seed child;
		struct answer_source source;
		struct vrp vrp;
		struct router_key router_key;
		struct aspa aspa;
		struct {
			enum report_counter counter;
			uint32_t n;
		} count;
	};
};

/* Writing: begin, records in any order, end. */
void answer_begin(struct octets *out);
void answer_finding(struct octets *out, const struct answer_finding *finding);
void answer_child(struct octets *out, const struct ca_seed *child);
void answer_source(struct octets *out, const struct answer_source *source);
void answer_vrp(struct octets *out, const struct vrp *vrp);
void answer_router_key(struct octets *out, const struct router_key *key);
void answer_aspa(struct octets *out, uint32_t customer,
    const uint32_t *providers, size_t count);
void answer_count(struct octets *out, enum report_counter counter, uint32_t n);
/* Fills in what the records come to, in *head too. */
void answer_end(struct octets *out, struct answer_head *head);

/* Reading: false when the octets are not an answer. */
struct answer_reader {
	struct cursor at;
	struct arena *arena;
};
bool answer_open(struct answer_reader *reader, struct answer_head *head,
    struct bytes answer, struct arena *arena);

/* False at the end, or when the octets are damaged (reader->at.bad). Texts,
 * keys and lists are in the arena. */
bool answer_next(struct answer_reader *reader, struct answer_item *item);

/* Passes over what is no child. False at the end, or when the octets are
 * damaged. */
bool answer_next_child(struct answer_reader *reader, struct ca_seed *child);
