/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * share - how much of a run one CA and all below it may take.
 *
 * A trust anchor has a budget of CAs, of octets of answers and of payload. Each
 * level below may take half of what its issuer may, though never less than what
 * any one CA may need. So who floods the set from below exhausts the branch it
 * sits on and not what its neighbours live on.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct share {
	uint64_t points; /* CAs */
	uint64_t octets; /* of answers */
	uint64_t items;  /* of payload; each provider of an ASPA is one */
};

/* What a CA at this depth may take together with all below it, where its trust
 * anchor may have so many points. */
struct share share_most(uint64_t points, unsigned depth);

/* Would one have more than the other, in any respect? */
bool share_exceeds(const struct share *taken, const struct share *most);

void share_add(struct share *taken, const struct share *more);
