/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * content - what signed objects say: a row a kind.
 *
 * Names an edit can use: content, and of a ROA asID families family.4 family.6,
 * of an ASPA version customer providers, of a manifest number thisUpdate
 * nextUpdate hashAlg files file.NAME file.NAME.name file.NAME.hash, of a prefix
 * list asID families, of a checklist resources digest list.
 */
#pragma once

#include "tests/forge/world.h"

/* OID of the eContentType; NULL: not a signed object made here. */
const char *content_type(enum item_kind kind);

/* Write the eContent of any kind but a manifest, from the item's words. */
void content_write(struct ink *k, const struct item *item);

/* The resources its EE certificate needs; inherit where the kind does so. */
void content_cover(struct spans *spans, const struct item *item);

struct content_file {
	const char *name;
	uint8_t hash[32];
};

struct content_manifest {
	uint64_t number;
	int64_t from, until;
	const struct content_file *files;
	size_t count;
};

void content_manifest(struct ink *k, const struct content_manifest *m);

/* "10.0.0.0/8-24": the longest length, or the prefix's own. The copy without
 * it goes to out, which has room for 64 octets. */
unsigned content_maxlen(const char *word, char *out);
