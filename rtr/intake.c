/* SPDX-License-Identifier: BSD-2-Clause */
/* intake - see intake.h. */
#include "rtr/intake.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/mem.h"
#include "payload/builder.h"

struct change {
	enum pdu_flag flag;
	union {
		struct vrp vrp;
		struct router_key key;
		struct aspa aspa;
	} of;
};

struct changes {
	struct change *at;
	size_t count, room;
};

struct intake {
	char *cache;
	struct arena *arena; /* keys and providers */
	uint32_t *providers; /* room to read a list into */
	unsigned version;    /* of what is gathered */
	struct changes kinds[ITEM_KINDS];
};

struct intake *
intake_new(const char *cache)
{
	struct intake *intake = mem_zero(1, sizeof(*intake));

	intake->cache = mem_text(cache);
	intake->arena = arena_new();
	intake->providers = mem_zero(PDU_PROVIDERS, sizeof(uint32_t));
	return intake;
}

void
intake_reset(struct intake *intake)
{
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		free(intake->kinds[kind].at);
		intake->kinds[kind] = (struct changes){ 0 };
	}
	arena_reset(intake->arena);
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL) {
		return;
	}
	intake_reset(intake);
	arena_free(intake->arena);
	free(intake->providers);
	free(intake->cache);
	free(intake);
}

static void
keep(struct intake *intake, enum item_kind kind, const struct change *change)
{
	struct changes *list = &intake->kinds[kind];

	list->at =
	    array_room(list->at, list->count, &list->room, sizeof(*list->at));
	list->at[list->count++] = *change;
}

static bool
add_prefix(struct intake *intake, const struct pdu *pdu)
{
	struct change change;

	if (!pdu_read_prefix(pdu, &change.flag, &change.of.vrp)) {
		return false;
	}
	keep(intake, ITEM_VRP, &change);
	return true;
}

static bool
add_key(struct intake *intake, const struct pdu *pdu)
{
	struct change change;
	struct router_key *key = &change.of.key;

	if (!pdu_read_router_key(pdu, &change.flag, key)) {
		return false;
	}
	key->spki =
	    arena_copy(intake->arena, bytes_of(key->spki, key->spki_len)).at;
	keep(intake, ITEM_ROUTER_KEY, &change);
	return true;
}

static bool
add_aspa(struct intake *intake, const struct pdu *pdu)
{
	struct change change;
	struct aspa *aspa = &change.of.aspa;

	if (!pdu_read_aspa(pdu, &change.flag, aspa, intake->providers)) {
		return false;
	}
	if (aspa->count > 0) {
		uint32_t *list =
		    arena_zero(intake->arena, aspa->count, sizeof(*list));

		memcpy(list, intake->providers, aspa->count * sizeof(*list));
		aspa->providers = list;
	} else {
		aspa->providers = NULL;
	}
	keep(intake, ITEM_ASPA, &change);
	return true;
}

bool
intake_add(struct intake *intake, const struct pdu *pdu,
    struct intake_fault *fault)
{
	*fault = (struct intake_fault){ .error = PDU_CORRUPT_DATA };
	intake->version = pdu->version;
	switch (pdu->type) {
	case PDU_IPV4_PREFIX:
	case PDU_IPV6_PREFIX:
		fault->why =
		    "prefix, length or maximal length is out of bounds";
		return add_prefix(intake, pdu);
	case PDU_ROUTER_KEY:
		fault->why = "router key without a key";
		return add_key(intake, pdu);
	case PDU_ASPA:
		fault->error = PDU_ASPA_LIST_ERROR;
		fault->why =
		    "providers are not a rising list, or AS0 is among them";
		return add_aspa(intake, pdu);
	default:
		fault->why = "not a payload PDU";
		return false;
	}
}

/* --- applying */

static int
vrp_order(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	return item_vrp_compare(&a->of.vrp, &b->of.vrp);
}

static int
key_order(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	return item_router_key_compare(&a->of.key, &b->of.key);
}

static int
aspa_order(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	return item_aspa_compare(&a->of.aspa, &b->of.aspa);
}

/* The last of `n` changes that does it. */
static const struct change *
last(const struct change *changes, size_t n, enum pdu_flag flag)
{
	while (n > 1 && changes[n - 1].flag != flag) {
		n--;
	}
	return &changes[n - 1];
}

/* What is left of an item that `n` changes speak of. The change that does not
 * fit, or NULL. */
static const struct change *
settle(const struct change *changes, size_t n, bool there, enum item_kind kind,
    struct builder *builder)
{
	size_t said[2] = { 0 };
	bool stays;

	for (size_t i = 0; i < n; i++) {
		said[changes[i].flag]++;
	}
	if (said[PDU_WITHDRAW] > (there ? 1 : 0)) {
		return last(changes, n, PDU_WITHDRAW);
	}
	/* An ASPA replaces the one before it; all else may not be twice. */
	stays = there && said[PDU_WITHDRAW] == 0 && kind != ITEM_ASPA;
	if (said[PDU_ANNOUNCE] > (stays ? 0 : 1)) {
		return last(changes, n, PDU_ANNOUNCE);
	}
	if (said[PDU_ANNOUNCE] > 0) {
		builder_item(builder, kind, &last(changes, n, PDU_ANNOUNCE)->of,
		    kind);
	}
	return NULL;
}

static void
blame(const struct intake *intake, enum item_kind kind,
    const struct change *change, struct intake_fault *fault)
{
	bool gone = change->flag == PDU_WITHDRAW;

	fault->error =
	    gone ? PDU_WITHDRAWAL_OF_UNKNOWN : PDU_DUPLICATE_ANNOUNCEMENT;
	fault->why =
	    gone ? "withdrawn more often than announced" : "announced twice";
	switch (kind) {
	case ITEM_VRP:
		pdu_prefix(&fault->pdu, intake->version, change->flag,
		    &change->of.vrp);
		break;
	case ITEM_ROUTER_KEY:
		pdu_router_key(&fault->pdu, intake->version, change->flag,
		    &change->of.key);
		break;
	case ITEM_ASPA:
		pdu_aspa(&fault->pdu, intake->version, change->flag,
		    &change->of.aspa);
		break;
	case ITEM_KINDS:
		break;
	}
}

/* The change that does not fit, or NULL. */
static const struct change *
apply_kind(struct intake *intake, enum item_kind kind,
    const struct snapshot *before, struct builder *builder)
{
	static int (*const orders[])(const void *, const void *) = {
		[ITEM_VRP] = vrp_order,
		[ITEM_ROUTER_KEY] = key_order,
		[ITEM_ASPA] = aspa_order,
	};
	struct changes *list = &intake->kinds[kind];
	size_t old = 0,
	       olds = before == NULL ? 0 : snapshot_count(before, kind);

	if (list->count > 0) {
		qsort(list->at, list->count, sizeof(*list->at), orders[kind]);
	}
	for (size_t i = 0; i < list->count;) {
		const struct change *wrong;
		size_t n = 1;
		int by = 1;

		while (i + n < list->count &&
		       orders[kind](&list->at[i], &list->at[i + n]) == 0) {
			n++;
		}
		while (old < olds && (by = item_compare(kind,
					  snapshot_item(before, kind, old),
					  &list->at[i].of)) < 0) {
			builder_item(builder, kind,
			    snapshot_item(before, kind, old++), kind);
		}
		by = old < olds ? by : 1;
		wrong = settle(&list->at[i], n, by == 0, kind, builder);
		if (wrong != NULL) {
			return wrong;
		}
		old += by == 0;
		i += n;
	}
	while (old < olds) {
		builder_item(builder, kind, snapshot_item(before, kind, old++),
		    kind);
	}
	return NULL;
}

/* With a source for each kind, under its number. */
static struct builder *
begin(const struct intake *intake)
{
	static const enum source_kind kinds[ITEM_KINDS] = {
		[ITEM_VRP] = SOURCE_ROA,
		[ITEM_ROUTER_KEY] = SOURCE_CERT,
		[ITEM_ASPA] = SOURCE_ASPA,
	};
	struct builder *builder = builder_new();

	builder_ta(builder, intake->cache);
	/* What is too many here is not so there. */
	builder_most_providers(builder, PDU_PROVIDERS);
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		struct source source = {
			.kind = kinds[kind],
			.uri = "",
			.not_after = INT64_MAX,
			.chain_not_after = INT64_MAX,
			.stale = INT64_MAX,
			.expires = INT64_MAX,
		};

		(void)builder_source(builder, &source);
	}
	return builder;
}

const struct snapshot *
intake_apply(struct intake *intake, const struct snapshot *before,
    struct intake_fault *fault)
{
	struct builder *builder = begin(intake);

	*fault = (struct intake_fault){ .error = PDU_CORRUPT_DATA };
	for (unsigned kind = 0; kind < ITEM_KINDS; kind++) {
		const struct change *wrong =
		    apply_kind(intake, (enum item_kind)kind, before, builder);

		if (wrong != NULL) {
			blame(intake, (enum item_kind)kind, wrong, fault);
			builder_free(builder);
			return NULL;
		}
	}
	return builder_seal(builder);
}
