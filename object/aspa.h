/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aspa - the content of an Autonomous System Provider Authorization
 * (draft-ietf-sidrops-aspa-profile, version 1).
 *
 * A list longer than LIMIT_ASPA_PROVIDERS is decoded all the same: the limit is
 * on the union of all of a customer's objects, which payload/builder judges.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "object/cert.h"

struct aspa_object {
	uint32_t customer;
	size_t count;
	const uint32_t *providers; /* ascending, in the arena */
};

enum fault aspa_decode(struct aspa_object *aspa, struct bytes content,
    struct arena *arena);
enum fault aspa_covered(const struct aspa_object *aspa, const struct cert *ee);
