/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * builder - collects payload in any order and seals it into a snapshot.
 *
 * Sealing sorts, merges doubles (keeping every source), unites ASPAs of one
 * customer, drops those over the provider ceiling and whatever is not sane.
 */
#pragma once

#include "payload/item.h"
#include "payload/snapshot.h"

struct builder;

struct builder *builder_new(void);
void builder_free(struct builder *builder);

/* How many providers a customer may have, instead of the usual ceiling. */
void builder_most_providers(struct builder *builder, size_t most);

/* Names of trust anchors, in order; index is struct source's ta. */
void builder_ta(struct builder *builder, const char *name);
size_t builder_tas(const struct builder *builder);
const char *builder_ta_name(const struct builder *builder, size_t ta);

/* Copies everything; the number by which items name this source. */
uint32_t builder_source(struct builder *builder, const struct source *source);
uint32_t builder_sources(const struct builder *builder);

void builder_vrp(struct builder *builder, const struct vrp *vrp,
    uint32_t source);
void builder_router_key(struct builder *builder, const struct router_key *key,
    uint32_t source);
void builder_aspa(struct builder *builder, const struct aspa *aspa,
    uint32_t source);

/* Any of these: the struct of its kind. */
void builder_item(struct builder *builder, enum item_kind kind,
    const void *item, uint32_t source);

/*
 * Into an empty builder: trust anchors, sources and counters of a snapshot and
 * those of its items that keep says yes to; NULL: all. Sources keep their
 * numbers.
 */
typedef bool builder_keep(void *arg, const struct snapshot *snapshot,
    enum item_kind kind, size_t i);
void builder_copy(struct builder *builder, const struct snapshot *snapshot,
    builder_keep *keep, void *arg);

/* How many of a kind were given so far. */
size_t builder_count(const struct builder *builder, enum item_kind kind);

/* About how much memory it takes. */
uint64_t builder_octets(const struct builder *builder);

/* Takes the builder; returns the first reference. */
const struct snapshot *builder_seal(struct builder *builder);
