/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * constraints - what an operator lets a trust anchor speak for.
 *
 * A text of `allow` and `deny` lines: payload/proviso.h. An end-entity or
 * router certificate below the anchor is within the constraints when none of
 * its resources are denied and, where anything of that kind is allowed, all of
 * them are. An empty text constrains nothing.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "object/cert.h"
#include "object/resources.h"

struct constraints {
	struct resources allow, deny;
};

/* False with *line (from one) where the text is not understood. */
bool constraints_read(struct constraints *constraints, struct bytes text,
    unsigned *line, struct arena *arena);

/*
 * Are a certificate's own resources within? What it inherits it does not speak
 * for. CA certificates are always within; NULL constrains nothing.
 */
bool constraints_allow(const struct constraints *constraints,
    const struct resources *own, enum cert_kind kind);
