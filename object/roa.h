/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * roa - the content of a Route Origin Authorization (RFC 9582).
 *
 * Turns eContent octets into a struct; knows nothing of signatures, issuers,
 * time or files.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/ip.h"
#include "object/cert.h"

struct roa_prefix {
	struct ip_prefix prefix;
	uint8_t max_length; /* equals length when absent */
};

struct roa {
	uint32_t asn;
	size_t count;
	struct roa_prefix *prefixes; /* in the arena */
};

/* Decode content into *roa. On a fault *roa is worthless but harmless. */
enum fault roa_decode(struct roa *roa, struct bytes content,
    struct arena *arena);

/* Is each prefix within the EE's own resources (RFC 9582 5)? AS resources
 * and inherit in the EE are faults. */
enum fault roa_covered(const struct roa *roa, const struct cert *ee);
