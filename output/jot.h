/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jot - JSON written as it comes: one value after the other, with commas and
 * indentation seen to. Keys are ours and need no escape; NULL inside a list.
 */
#pragma once

#include <stdbool.h>

#include "base/hash.h"
#include "output/pen.h"

struct jot {
	struct pen *pen;
	unsigned depth;
	bool some; /* there is a value before the next one */
};

void jot_object(struct jot *jot, const char *key);
void jot_end_object(struct jot *jot);
void jot_list(struct jot *jot, const char *key);
void jot_end_list(struct jot *jot);

/* NULL text is null. */
void jot_text(struct jot *jot, const char *key, const char *text);
void jot_number(struct jot *jot, const char *key, uint64_t number);
void jot_signed(struct jot *jot, const char *key, int64_t number);
void jot_bool(struct jot *jot, const char *key, bool value);
void jot_null(struct jot *jot, const char *key);
/* "2026-03-01T00:00:00Z"; null for `none`. */
void jot_time(struct jot *jot, const char *key, int64_t when, int64_t none);
/* Thousandths as seconds: 1.234. */
void jot_seconds(struct jot *jot, const char *key, uint64_t thousandths);
void jot_asn(struct jot *jot, const char *key, uint32_t asn);
void jot_prefix(struct jot *jot, const char *key,
    const struct ip_prefix *prefix);
/* Lower-case hex; null for zeros. */
void jot_hash(struct jot *jot, const char *key, const struct hash *hash);
