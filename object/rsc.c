/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rsc - RFC 9323 section 4, read in the order it is written there.
 *
 *   RpkiSignedChecklist  { version [0] DEFAULT 0, resources,
 *                          digestAlgorithm, checkList }
 *   ResourceBlock        { asID [0] OPTIONAL, ipAddrBlocks [1] OPTIONAL }
 *   FileNameAndHash      { fileName OPTIONAL, hash }
 */
#include "object/rsc.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "object/der.h"
#include "object/sha256.h"

/* 4.2: the syntax of the extensions of RFC 3779, without inherit. */
static void
read_resources(struct der *seq, struct rsc *rsc, struct arena *arena)
{
	struct der block = der_enter(seq, DER_SEQUENCE);
	enum fault fault = FAULT_NONE;

	if (der_next_is(&block, DER_CONTEXT_0)) {
		struct bytes as = der_take(&block, DER_CONTEXT_0);

		if (der_fine(&block)) {
			fault = resources_read_as(&rsc->resources, as,
			    &rsc->odd, arena);
		}
	}
	if (der_next_is(&block, DER_CONTEXT_1)) {
		struct bytes ip = der_take(&block, DER_CONTEXT_1);

		if (der_fine(&block) && fault == FAULT_NONE) {
			fault = resources_read_ip(&rsc->resources, ip,
			    &rsc->odd, arena);
		}
	}
	if (fault != FAULT_NONE) {
		der_fail(&block, fault);
	}
	der_close(&block);
	if (resources_empty(&rsc->resources) ||
	    resources_any_inherit(&rsc->resources)) {
		der_fail(&block, FAULT_RSC_RESOURCES);
	}
}

/* 4.4.1: the portable file name character set. */
static bool
name_portable(struct bytes name)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '.' && c != '_' &&
		    c != '-') {
			return false;
		}
	}
	return name.len > 0 && name.len <= LIMIT_FILE_NAME;
}

static void
read_entry(struct der *list, struct rsc_entry *out)
{
	struct der item = der_enter(list, DER_SEQUENCE);
	struct bytes digest;

	if (der_next_is(&item, DER_IA5_STRING)) {
		out->name = der_take(&item, DER_IA5_STRING);
		if (der_fine(&item) && !name_portable(out->name)) {
			der_fail(&item, FAULT_RSC_NAME);
		}
	}
	digest = der_octets(&item);
	der_close(&item);
	if (der_fine(&item) && digest.len != HASH_SIZE) {
		der_fail(&item, FAULT_RSC_DIGEST);
	}
	if (der_fine(&item)) {
		memcpy(out->hash.at, digest.at, HASH_SIZE);
	}
}

/* By name; of those without one, by digest. */
static int
compare_entries(const void *a, const void *b)
{
	const struct rsc_entry *x = a, *y = b;

	if (x->name.len != y->name.len) {
		return x->name.len < y->name.len ? -1 : 1;
	}
	return x->name.len == 0 ? memcmp(x->hash.at, y->hash.at, HASH_SIZE)
				: memcmp(x->name.at, y->name.at, x->name.len);
}

/* 4.4.1: each name once, and each digest without a name. Sorted aside, so that
 * no order of them is slow. */
static void
check_entries(const struct der *d, const struct rsc *rsc, struct arena *arena)
{
	struct rsc_entry *sorted =
	    arena_zero(arena, rsc->count, sizeof(*sorted));

	memcpy(sorted, rsc->entries, rsc->count * sizeof(*sorted));
	qsort(sorted, rsc->count, sizeof(*sorted), compare_entries);
	for (size_t i = 1; i < rsc->count; i++) {
		if (compare_entries(&sorted[i - 1], &sorted[i]) == 0) {
			der_fail(d, FAULT_RSC_DUPLICATE);
			return;
		}
	}
}

static void
read_list(struct der *list, struct rsc *rsc, struct arena *arena)
{
	size_t n = der_count(*list);
	struct rsc_entry *entries;

	if (n == 0) {
		der_fail(list, FAULT_RSC_EMPTY);
	}
	if (n > LIMIT_RSC_ENTRIES) {
		der_fail(list, FAULT_RSC_LIMIT);
	}
	if (!der_fine(list)) {
		return;
	}
	entries = arena_zero(arena, n, sizeof(*entries));
	while (der_more(list)) {
		read_entry(list, &entries[rsc->count++]);
	}
	rsc->entries = entries;
	if (der_fine(list)) {
		check_entries(list, rsc, arena);
	}
}

enum fault
rsc_decode(struct rsc *rsc, struct bytes content, struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(content, &fault);
	struct der seq = der_enter(&top, DER_SEQUENCE);
	struct der list;

	*rsc = (struct rsc){ 0 };
	der_version_zero(&seq, FAULT_RSC_VERSION);
	read_resources(&seq, rsc, arena);
	sha256_read(&seq, FAULT_RSC_ALGORITHM);
	list = der_enter(&seq, DER_SEQUENCE);
	der_close(&seq);
	der_close(&top);
	read_list(&list, rsc, arena);
	return fault;
}

enum fault
rsc_covered(const struct rsc *rsc, const struct cert *ee)
{
	if (resources_empty(&ee->resources) ||
	    resources_any_inherit(&ee->resources)) {
		return FAULT_RSC_EE;
	}
	return resources_within(&rsc->resources, &ee->resources)
		   ? FAULT_NONE
		   : FAULT_RSC_UNCOVERED;
}
