/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resources - Internet number resources as sorted ranges (RFC 3779).
 *
 * Addresses are big-endian values of 128 bits, IPv4 in the lowest 32. Sets are
 * sorted, without overlap and without adjacency once normalised.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/ip.h"
#include "base/octets.h"

struct addr {
	uint64_t hi, lo;
};

static inline int
resources_order(struct addr a, struct addr b)
{
	if (a.hi != b.hi) {
		return a.hi < b.hi ? -1 : 1;
	}
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

struct ip_range {
	struct addr min, max; /* both inside */
};

struct as_range {
	uint32_t min, max; /* both inside */
};

enum resource_choice {
	RESOURCE_ABSENT = 0,
	RESOURCE_INHERIT,
	RESOURCE_LIST,
};

struct ip_set {
	enum resource_choice choice;
	size_t count;
	const struct ip_range *ranges;
};

struct as_set {
	enum resource_choice choice;
	size_t count;
	const struct as_range *ranges;
};

struct resources {
	struct ip_set v4, v6;
	struct as_set as;
};

/*
 * The content of the two extensions (the octets inside extnValue). Ranges go
 * to the arena. The canonical form is required: sorted, nothing that overlaps
 * or touches, no range that is a prefix. Range ends spelt out are an oddity.
 */
enum fault resources_read_ip(struct resources *r, struct bytes extension,
    struct oddities *odd, struct arena *arena);
enum fault resources_read_as(struct resources *r, struct bytes extension,
    struct oddities *odd, struct arena *arena);

/*
 * What `own` means under an issuer that holds `issuer` (RFC 3779 2.3, 3.3):
 * inherit is replaced by the issuer's set of that family, which may be none:
 * manifests inherit all three kinds whatever their CA holds. Fault
 * resources-overclaim when the result is not within the issuer's. *out borrows
 * from both.
 */
enum fault resources_effective(struct resources *out,
    const struct resources *own, const struct resources *issuer);

/* Of effective sets only: inherit is within nothing. */
bool resources_within(const struct resources *inner,
    const struct resources *outer);
/* How many blocks the kind has that has most. */
size_t resources_blocks(const struct resources *r);
bool resources_any_inherit(const struct resources *r);
bool resources_empty(const struct resources *r); /* nothing but ABSENT */
/* At least one inherit and no list: what manifests, TAKs and GBRs ask for. */
bool resources_all_inherit(const struct resources *r);
bool resources_holds_prefix(const struct resources *r,
    const struct ip_prefix *prefix);
bool resources_holds_asn(const struct resources *r, uint32_t asn);
/* Do the two share an address? Used for unsafe VRPs and constraints. */
bool resources_touches_prefix(const struct resources *r,
    const struct ip_prefix *prefix);

/* Canonical octets of an effective set, for digests and the store. */
void resources_encode(struct octets *out, const struct resources *r);
bool resources_decode(struct resources *r, struct bytes in,
    struct arena *arena);

/* "10.0.0.0/8", "10.0.0.0-10.0.0.9", "AS1-AS5", comma and space between. */
void resources_text(struct octets *out, const struct resources *r);

/*
 * From human text (constraints files, tests): prefixes, addresses, ranges and
 * "AS1", "AS1-AS5" between commas or blanks, in any order, overlaps merged.
 * False when a word is none of these.
 */
bool resources_text_read(struct resources *r, struct bytes text,
    struct arena *arena);
