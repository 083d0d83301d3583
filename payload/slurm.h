/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slurm - local exceptions: what an operator filters out and what is asserted
 * (RFC 8416; version 2 with ASPAs after draft-ietf-sidrops-aspa-slurm).
 *
 * Several files are one set. They are read strictly: any mistake, and any
 * overlap between two files, refuses all of them, and the message says where
 * it is and what would be right. Applying is pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"
#include "payload/snapshot.h"

enum slurm_kind {
	SLURM_PREFIX_FILTER,
	SLURM_BGPSEC_FILTER,
	SLURM_ASPA_FILTER,
	SLURM_PREFIX_ASSERTION,
	SLURM_BGPSEC_ASSERTION,
	SLURM_ASPA_ASSERTION,
	SLURM_KINDS
};

struct slurm_rule {
	enum slurm_kind kind;
	const char *path;    /* of its file */
	size_t index;        /* in its list */
	const char *comment; /* or NULL */
	bool has_prefix, has_asn, has_ski;
	uint32_t asn;          /* the customer of ASPA rules */
	struct vrp vrp;        /* prefix of a filter; all of an assertion */
	struct router_key key; /* ski of a filter; all of an assertion */
	struct aspa aspa;
};

struct slurm_file {
	const char *path;
	struct bytes text;
};

struct slurm;

/* NULL when refused; then a line for people was added to *why. */
struct slurm *slurm_read(const struct slurm_file *files, size_t count,
    struct octets *why);

/* The same from disk. 0; -EINVAL when refused or unreadable. */
int slurm_load(struct slurm **out, const char *const *paths, size_t count,
    struct octets *why);

void slurm_free(struct slurm *slurm); /* NULL is fine */

/* All rules, files one after the other. */
size_t slurm_rules(const struct slurm *slurm);
const struct slurm_rule *slurm_rule(const struct slurm *slurm, size_t i);

/* "prefixFilters" and so on. */
const char *slurm_kind_name(enum slurm_kind kind);

/*
 * Filters first, then assertions, which filters do not touch. effects has a
 * place for each rule, which gets how many items it removed or added (an item
 * may be removed by several); NULL when nobody asks.
 */
const struct snapshot *slurm_apply(const struct slurm *slurm,
    const struct snapshot *in, uint64_t *effects);
