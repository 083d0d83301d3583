/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * losses - which items a run lost because something could not be fetched, and
 * not because somebody took them away. Pure.
 *
 * A source of a lost item tells: it is failed when it is within its own expiry
 * and the point it came from, or the next one above it that this run knows, was
 * rejected; or when its trust anchor has no certificate. It is not failed when
 * that point was judged, valid or as kept; when its trust anchor or repository
 * was left out by the operator; and when nothing is known of its path.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "payload/lineage.h"
#include "payload/report.h"
#include "payload/snapshot.h"

struct losses_case {
	int64_t now;
	const struct snapshot *before;
	const struct report *then; /* of the run before; NULL: not known */
	/* More paths, of points that run did not reach; sorted by name. */
	const struct lineage_link *links;
	size_t link_count;
	const struct snapshot *fresh;
	const struct report *report;
};

/* A failed source of an item that was lost. */
struct loss {
	enum item_kind kind;
	bool first;    /* of this item and trust anchor */
	uint16_t ta;   /* in the report */
	uint16_t n;    /* which of the item's sources */
	uint32_t item; /* in `before` */
};

struct losses_anchor {
	uint64_t had;  /* items before */
	uint64_t lost; /* by failure */
	bool trouble;  /* no certificate, or rejected points */
};

struct losses;

/* The places in a report of the trust anchors of a set, by name; UINT16_MAX: it
 * has none of that. The caller frees the array. */
uint16_t *losses_match_tas(const struct report *report,
    const struct snapshot *before);

/* Lends everything in the case. */
struct losses *losses_find(const struct losses_case *one);
void losses_free(struct losses *losses); /* NULL is fine */

/* In the order of `before`. */
size_t losses_count(const struct losses *losses);
const struct loss *losses_at(const struct losses *losses, size_t i);

/* By place in the report. */
const struct losses_anchor *losses_anchor(const struct losses *losses,
    size_t ta);

/* What the repositories of `then` are called in the report; lent. */
const uint16_t *losses_repositories(const struct losses *losses, size_t *count);

/* Mark the path above a loss, as far as this run did not see it. */
void losses_mark(struct losses *losses, const struct loss *loss);
/* All marked links, by name; the caller frees the array. */
struct lineage_link *losses_marked(const struct losses *losses, size_t *count);
