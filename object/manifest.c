/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manifest - RFC 9286 section 4, read in the order it is written there.
 *
 *   Manifest     { version [0] DEFAULT 0, manifestNumber, thisUpdate,
 *                  nextUpdate, fileHashAlg, fileList }
 *   FileAndHash  { file, hash }
 */
#include "object/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "object/der.h"
#include "object/kind.h"
#include "object/oid.h"
#include "object/stamp.h"

enum { SUFFIX = 4 }; /* a dot and three letters */

static bool
name_octet(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* 4.2.2: the name, one dot, and three lower-case letters. */
static bool
name_fine(struct bytes name)
{
	size_t stem = name.len - SUFFIX;

	if (name.len <= SUFFIX || name.len > LIMIT_FILE_NAME ||
	    name.at[stem] != '.') {
		return false;
	}
	for (size_t i = 0; i < stem; i++) {
		if (!name_octet(name.at[i])) {
			return false;
		}
	}
	for (size_t i = stem + 1; i < name.len; i++) {
		if (name.at[i] < 'a' || name.at[i] > 'z') {
			return false;
		}
	}
	return true;
}

static void
read_entry(struct der *list, struct manifest_entry *out)
{
	struct der item = der_enter(list, DER_SEQUENCE);
	struct bytes name = der_take(&item, DER_IA5_STRING);
	struct der_bits digest;

	if (der_fine(&item) && !name_fine(name)) {
		der_fail(&item, FAULT_MANIFEST_NAME);
	}
	digest = der_bits(&item);
	if (der_fine(&item) && digest.bits != HASH_SIZE * 8) {
		der_fail(&item, FAULT_MANIFEST_DIGEST);
	}
	der_close(&item);
	if (der_fine(&item)) {
		out->name = name;
		memcpy(out->hash.at, digest.octets.at, HASH_SIZE);
	}
}

static int
compare_names(const void *a, const void *b)
{
	const struct bytes *x = a, *y = b;

	if (x->len != y->len) {
		return x->len < y->len ? -1 : 1;
	}
	return memcmp(x->at, y->at, x->len);
}

/* 4.2.1: each name once. Sorted aside, so that no order of names is slow. */
static void
check_names(const struct der *d, const struct manifest *manifest,
    struct arena *arena)
{
	struct bytes *names =
	    arena_zero(arena, manifest->count, sizeof(*names));

	for (size_t i = 0; i < manifest->count; i++) {
		names[i] = manifest->entries[i].name;
	}
	qsort(names, manifest->count, sizeof(*names), compare_names);
	for (size_t i = 1; i < manifest->count; i++) {
		if (bytes_equal(names[i - 1], names[i])) {
			der_fail(d, FAULT_MANIFEST_DUPLICATE);
			return;
		}
	}
}

/* 6: the CRL of the CA is listed; a second one would be nobody's. */
static void
find_crl(const struct der *d, struct manifest *manifest)
{
	size_t found = 0;

	for (size_t i = 0; i < manifest->count; i++) {
		if (kind_of_name(manifest->entries[i].name) == KIND_CRL) {
			manifest->crl = i;
			found++;
		}
	}
	if (found != 1) {
		der_fail(d, FAULT_MANIFEST_CRL);
	}
}

static void
read_list(struct der *list, struct manifest *manifest, struct arena *arena)
{
	size_t n = der_count(*list);
	struct manifest_entry *entries;

	if (der_fine(list) && n == 0) {
		der_fail(list, FAULT_MANIFEST_EMPTY);
	}
	if (n > LIMIT_MANIFEST_ENTRIES) {
		der_fail(list, FAULT_MANIFEST_LIMIT);
	}
	if (!der_fine(list)) {
		return;
	}
	entries = arena_zero(arena, n, sizeof(*entries));
	while (der_more(list)) {
		read_entry(list, &entries[manifest->count++]);
	}
	manifest->entries = entries;
	if (der_fine(list)) {
		check_names(list, manifest, arena);
		find_crl(list, manifest);
	}
}

enum fault
manifest_decode(struct manifest *manifest, struct bytes content,
    struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(content, &fault);
	struct der seq = der_enter(&top, DER_SEQUENCE);
	struct der list;

	*manifest = (struct manifest){ 0 };
	der_version_zero(&seq, FAULT_MANIFEST_VERSION);
	der_number(&seq, manifest->number, MANIFEST_NUMBER,
	    FAULT_MANIFEST_NUMBER);
	manifest->this_update = stamp_generalized(&seq);
	manifest->next_update = stamp_generalized(&seq);
	if (der_fine(&seq) && manifest->next_update <= manifest->this_update) {
		der_fail(&seq, FAULT_MANIFEST_TIMES);
	}
	if (!oid_is(der_oid(&seq), OID_SHA256)) {
		der_fail(&seq, FAULT_MANIFEST_ALGORITHM);
	}
	list = der_enter(&seq, DER_SEQUENCE);
	der_close(&seq);
	der_close(&top);
	read_list(&list, manifest, arena);
	return fault;
}

enum fault
manifest_covered(const struct manifest *manifest, const struct cert *ee)
{
	(void)manifest;
	return resources_all_inherit(&ee->resources) ? FAULT_NONE
						     : FAULT_MANIFEST_EE;
}

enum fault
manifest_names_itself(const struct manifest *manifest, struct bytes own_name)
{
	for (size_t i = 0; i < manifest->count; i++) {
		if (bytes_equal(manifest->entries[i].name, own_name)) {
			return FAULT_MANIFEST_SELF;
		}
	}
	return FAULT_NONE;
}
