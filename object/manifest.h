/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manifest - what a publication point should hold (RFC 9286 4, RFC 9981).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/hash.h"
#include "object/cert.h"

enum { MANIFEST_NUMBER = 20 };

struct manifest_entry {
	struct bytes name; /* checked against RFC 9286 4.2.2 */
	struct hash hash;
};

struct manifest {
	uint8_t number[MANIFEST_NUMBER]; /* right-aligned: memcmp orders it */
	int64_t this_update, next_update;
	size_t count;
	const struct manifest_entry *entries; /* in the arena, as listed */
	size_t crl;                           /* index of the one .crl entry */
};

/* Decode eContent. Faults: manifest-*. */
enum fault manifest_decode(struct manifest *manifest, struct bytes content,
    struct arena *arena);

/* Are the EE's resources all inherit (RFC 9286 5.1)? */
enum fault manifest_covered(const struct manifest *manifest,
    const struct cert *ee);

/* A manifest must not list itself: manifest-self if it lists `own_name`. */
enum fault manifest_names_itself(const struct manifest *manifest,
    struct bytes own_name);
