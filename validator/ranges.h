/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ranges - collect resources in any order, get a normal set.
 *
 * For what does not come from a certificate: an operator's constraints, the
 * resources of all rejected CAs together.
 */
#pragma once

#include "base/arena.h"
#include "base/ip.h"
#include "object/resources.h"

struct ranges;

struct ranges *ranges_new(void);
void ranges_add_ip(struct ranges *ranges, unsigned family,
    struct ip_range range);
void ranges_add_as(struct ranges *ranges, struct as_range range);
/* All of a set whose inherit is resolved. Lends it: heirs of one set point to
 * the same ranges, and these are added once. */
void ranges_add(struct ranges *ranges, const struct resources *resources);

/* Takes the ranges: sorted, joined, in the arena; empty lists are absent. */
void ranges_seal(struct ranges *ranges, struct resources *out,
    struct arena *arena);

struct ip_range ranges_of_prefix(const struct ip_prefix *prefix);
int ranges_compare(struct addr a, struct addr b);
