/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spl - the content of a signed prefix list
 * (draft-ietf-sidrops-rpki-prefixlist-05): all that an AS may originate.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/ip.h"
#include "object/cert.h"

struct spl {
	uint32_t asn;
	size_t count;                     /* none: the AS originates nothing */
	const struct ip_prefix *prefixes; /* ascending, in the arena */
};

enum fault spl_decode(struct spl *spl, struct bytes content,
    struct arena *arena);

/* Does the EE itself hold the AS number, and no addresses? */
enum fault spl_covered(const struct spl *spl, const struct cert *ee);
