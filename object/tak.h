/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tak - the content of a Trust Anchor Key object (RFC 9691 2).
 *
 * Says which key a trust anchor uses now and which it will use; what follows
 * from it over time (RFC 9691 4) is for validator/anchor.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "object/cert.h"

struct tak_key {
	size_t comment_count;
	const struct bytes *comments; /* UTF-8 without control characters */
	size_t uri_count;             /* at least one */
	const char **uris;            /* normal form, in the arena */
	struct bytes spki;            /* DER, lent by the input */
};

struct tak {
	struct tak_key current;
	bool has_predecessor, has_successor;
	struct tak_key predecessor, successor;
};

/* Decode eContent. Faults: tak-*, uri-*. */
enum fault tak_decode(struct tak *tak, struct bytes content,
    struct arena *arena);

/* Are the EE's resources all inherit (RFC 9691 2.3)? */
enum fault tak_covered(const struct tak *tak, const struct cert *ee);

/*
 * Is the current key the one of the trust anchor being judged? FAULT_NONE, or
 * tak-mismatch: then the object is to be passed over (RFC 9691 2.3).
 */
enum fault tak_matches(const struct tak *tak, struct bytes spki);
