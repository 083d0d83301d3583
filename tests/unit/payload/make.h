/* SPDX-License-Identifier: BSD-2-Clause */
/* make - payload for tests, in one line each. */
#pragma once

#include "payload/builder.h"

/* "10.0.0.0/8" and so on; the test fails when it is not a prefix. */
struct vrp make_vrp(const char *prefix, unsigned max_length, uint32_t asn);

/* A ROA of this TA at this URI that ends then. */
uint32_t make_source(struct builder *builder, uint16_t ta, const char *uri,
    int64_t expires);

/* Add a VRP from a ROA of TA 0 named "rsync://r.example/m/<n>.roa". */
void make_add(struct builder *builder, const char *prefix, unsigned max_length,
    uint32_t asn);

/* A short text of all items: "10.0.0.0/8-24 AS1" a line. Caller frees. */
char *make_text(const struct snapshot *snapshot);
