/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * span - number resources as text and as RFC 3779 extensions.
 *
 * "10.0.0.0/8", "10.0.0.0-10.0.0.9", "2001:db8::/32", "AS64496-64511",
 * "inherit". Lists are sorted and joined, as the RFC wants them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/forge/ink.h"

enum span_kind { SPAN_V4 = 1, SPAN_V6 = 2, SPAN_AS = 3 };

struct span {
	enum span_kind kind;
	uint8_t lo[16]; /* an AS number takes the first four octets */
	uint8_t hi[16];
};

struct spans {
	struct span *at;
	size_t count;
	size_t room;
	unsigned inherit; /* 1 << kind for each kind that inherits */
};

void span_clear(struct spans *s);
/* One word of the language above. False: not one. */
bool span_add(struct spans *s, const char *word);
void span_add_span(struct spans *s, const struct span *span);
/* Sort and join. */
void span_settle(struct spans *s);
/* 1 << kind for each kind that occurs, inherited ones too. */
unsigned span_kinds(const struct spans *s);

/* "10.0.0.0/8" to first, last address and length. False: not a prefix. */
bool span_prefix(struct span *out, unsigned *bits, const char *text);

/* IPAddrBlocks and ASIdentifiers. */
void span_ink_ips(struct ink *k, const char *name, const struct spans *s);
void span_ink_asns(struct ink *k, const char *name, const struct spans *s);
