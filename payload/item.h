/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * item - what routers are told: origins, router keys, ASPAs, as values.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/hash.h"
#include "base/ip.h"
#include "base/octets.h"

/* A Validated ROA Payload (RFC 6811 2). */
struct vrp {
	struct ip_prefix prefix;
	uint8_t max_length;
	uint32_t asn;
};

/* A BGPsec router key (RFC 8635); spki is DER, lent by whoever holds it. */
struct router_key {
	uint32_t asn;
	struct keyid ski;
	uint16_t spki_len;
	const uint8_t *spki;
};

/* A validated ASPA payload: after union, providers ascending, no doubles. */
struct aspa {
	uint32_t customer;
	uint32_t count;
	const uint32_t *providers;
};

enum item_kind { ITEM_VRP, ITEM_ROUTER_KEY, ITEM_ASPA, ITEM_KINDS };

/* The order of sets and of RTR for each kind; total. */
int item_vrp_compare(const struct vrp *a, const struct vrp *b);
/* Neighbours seldom have the same AS: most are told apart by that alone. */
static inline bool
item_vrp_equal(const struct vrp *a, const struct vrp *b)
{
	return a->asn == b->asn && item_vrp_compare(a, b) == 0;
}
int item_router_key_compare(const struct router_key *a,
    const struct router_key *b);
/* By customer alone: one ASPA per customer in a set. */
int item_aspa_compare(const struct aspa *a, const struct aspa *b);

/* Two of a kind. */
int item_compare(enum item_kind kind, const void *a, const void *b);

/* The last gate before anything leaves: family, host bits, lengths. */
bool item_vrp_sane(const struct vrp *vrp);

/* As octets, alike in frames and in files. Who reads asks item_vrp_sane(). */
void item_vrp_put(struct octets *out, const struct vrp *vrp);
static inline void /* sets of millions are read by it */
item_vrp_read(struct cursor *c, struct vrp *vrp)
{
	vrp->prefix.family = cursor_u8(c);
	cursor_copy(c, vrp->prefix.address, sizeof(vrp->prefix.address));
	vrp->prefix.length = cursor_u8(c);
	vrp->max_length = cursor_u8(c);
	vrp->asn = cursor_u32(c);
}
/* The providers of an ASPA and how many, without its customer; read into the
 * arena, and no more than the octets that are there could be. */
void item_providers_put(struct octets *out, const struct aspa *aspa);
void item_providers_read(struct cursor *c, struct aspa *aspa,
    struct arena *arena);

/* Where a piece of payload comes from. */
enum source_kind { SOURCE_ROA, SOURCE_CERT, SOURCE_ASPA, SOURCE_EXCEPTION };

enum { SOURCE_NO_TA = 0xffff };

struct source {
	enum source_kind kind;
	uint16_t ta;         /* index of the TAL; SOURCE_NO_TA for exceptions */
	uint16_t repository; /* index in the report */
	bool kept;           /* by the last good version of its point */
	bool held;           /* by the collapse guard */
	const char *uri;     /* of the object; path of a SLURM file */
	const char *comment; /* of a SLURM assertion, or NULL */
	struct hash object;  /* zero for exceptions */
	int64_t not_before, not_after;             /* of the EE certificate */
	int64_t chain_not_before, chain_not_after; /* of the whole path */
	int64_t stale;   /* first end on the path: manifest, its EE, or CRL;
			    of EEs only, where stale ones are lived with */
	int64_t expires; /* when this payload ends; INT64_MAX: never */
};
