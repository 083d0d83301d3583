/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rsc - the content of a signed checklist (RFC 9323): hashes of files that the
 * holder of some resources vouches for. Never published in a repository.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/hash.h"
#include "object/cert.h"

struct rsc_entry {
	struct bytes name; /* portable and unique; no octets: without a name */
	struct hash hash;  /* unique among those without one */
};

struct rsc {
	struct resources resources; /* lists only */
	size_t count;
	const struct rsc_entry *entries; /* in the arena, as listed */
	struct oddities odd;
};

/* Decode eContent. Faults: rsc-*, and those of resources.h. */
enum fault rsc_decode(struct rsc *rsc, struct bytes content,
    struct arena *arena);

/* Are the checklist's resources within the EE's own (RFC 9323 5)? */
enum fault rsc_covered(const struct rsc *rsc, const struct cert *ee);
