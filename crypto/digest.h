/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digest - SHA-256 of octets, at once or piece by piece, and SHA-1 of keys.
 *
 * Algorithms are fetched once per digester; keep one per worker.
 */
#pragma once

#include "base/bytes.h"
#include "base/hash.h"

struct digester;

struct digester *digest_new(void);
void digest_free(struct digester *d);

/* Piecewise: begin, add, end. One stream at a time. */
void digest_begin(struct digester *d);
void digest_add(struct digester *d, struct bytes more);
void digest_end(struct digester *d, struct hash *out);

/* At once; needs no digester (uses the fastest one-shot way there is). */
void digest_of(struct bytes octets, struct hash *out);

/* The same of several pieces, one after the other. */
void digest_of_pieces(const struct bytes *pieces, size_t count,
    struct hash *out);

/* SHA-1, as RFC 6487 4.8.2 asks for key identifiers. */
void digest_keyid(struct bytes key_bits, struct keyid *out);
