/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gbr - the content of a Ghostbusters record (RFC 6493): whom to call.
 *
 * Inert text: nothing is ever decided by it. Whoever shows it must escape it;
 * it may hold any character but NUL.
 */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "object/cert.h"

struct gbr {
	struct bytes card; /* the whole vCard as it came, lent by the input */
	struct oddities odd;
};

/*
 * Is it a vCard 4.0 with a name and a way to reach it? Properties the profile
 * does not have are an oddity only.
 */
enum fault gbr_decode(struct gbr *gbr, struct bytes content,
    struct arena *arena);

/* Are the EE's resources all inherit (RFC 6493 6)? */
enum fault gbr_covered(const struct gbr *gbr, const struct cert *ee);
