/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signed - the one way in for every signed object (RFC 6488).
 *
 * envelope -> kind -> content -> covered by the EE -> EE certificate -> both
 * signatures. What differs between kinds is a row of a table.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/octets.h"
#include "object/aspa.h"
#include "object/cms.h"
#include "object/gbr.h"
#include "object/kind.h"
#include "object/manifest.h"
#include "object/roa.h"
#include "object/rsc.h"
#include "object/spl.h"
#include "object/tak.h"
#include "validator/chain.h"

struct signed_object {
	enum kind kind;
	const char *uri; /* where it is published; NULL: not known to be */
	struct hash hash;
	struct bytes octets;
};

struct signed_content {
	struct cms cms;
	bool opened; /* what is in it could be decoded */
	union {
		struct manifest manifest;
		struct roa roa;
		struct aspa_object aspa;
		struct tak tak;
		struct gbr gbr;
		struct spl spl;
		struct rsc rsc;
	};
};

/* Is this a kind that signed_judge() knows? And one that repositories hold? */
bool signed_knows(enum kind kind);
bool signed_published(enum kind kind);

/* What the object alone can show; no cryptography but digests. */
enum fault signed_decode(struct signed_content *content,
    const struct signed_object *object, struct arena *arena);

/* The content of an envelope that was found wrong: can it be decoded as this
 * kind all the same? For whoever shows it. */
bool signed_reopen(struct signed_content *content, enum kind kind,
    struct arena *arena);

/* Is its EE the issuer's, and the object the EE's? */
enum fault signed_prove(const struct signed_content *content,
    const struct chain *chain);

/* Both, and what only this kind asks of the path. */
enum fault signed_judge(struct signed_content *content,
    const struct signed_object *object, const struct chain *chain,
    struct arena *arena);

/* Append what a judged object gives: its source, its payload, its count. */
void signed_emit(const struct signed_content *content,
    const struct signed_object *object, struct octets *answer);

/* Where a rejected object of this kind is counted. */
enum report_counter signed_invalid(enum kind kind);
