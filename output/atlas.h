/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * atlas - what is worked out about a set once, off the event loop: the index
 * that answers for routes, and who contributed what. Sealed, shared by count.
 */
#pragma once

#include "payload/origin.h"

/* Payload as metrics count it. */
enum atlas_type {
	ATLAS_V4,
	ATLAS_V6,
	ATLAS_ROUTER_KEYS,
	ATLAS_ASPAS,
	ATLAS_TYPES
};

/* What a trust anchor or repository contributed: items whose first source is
 * here, and items that had an earlier one. */
struct atlas_part {
	uint64_t first[ATLAS_TYPES];
	uint64_t again[ATLAS_TYPES];
};

struct atlas;

/* Takes a reference of its own; costs some 100 ms for a million VRPs. */
const struct atlas *atlas_new(const struct snapshot *snapshot);
const struct atlas *atlas_get(const struct atlas *atlas);
void atlas_put(const struct atlas *atlas); /* NULL is fine */

/* Lent. */
const struct snapshot *atlas_set(const struct atlas *atlas);
const struct origin_index *atlas_index(const struct atlas *atlas);

/* By number of trust anchor or repository; zeros beyond those there are. */
const struct atlas_part *atlas_ta(const struct atlas *atlas, size_t i);
const struct atlas_part *atlas_repository(const struct atlas *atlas, size_t i);
/* From local exceptions. */
const struct atlas_part *atlas_local(const struct atlas *atlas);
uint64_t atlas_total(const struct atlas *atlas, enum atlas_type type);

/* First sources of either family. */
uint64_t atlas_vrps(const struct atlas_part *part);

/* "route_origins_ipv4" and so on. */
const char *atlas_type_name(enum atlas_type type);
