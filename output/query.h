/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * query - what stands after the question mark: a table of parameters, each of
 * which some paths know. Pure.
 */
#pragma once

#include "output/ask.h"

/* Groups of parameters that a path may have. */
enum {
	QUERY_SELECT = 1,
	QUERY_ROUTE = 2,
	QUERY_SESSION = 4,
	QUERY_FAULTS = 8,
	QUERY_EXPLAIN = 16,
	QUERY_SINCE = 32,
};

/* Fills in the ask; whatever is not a parameter of these groups is refused. */
struct head_refusal query_read(struct ask *ask, unsigned may,
    struct bytes query, struct arena *arena);

/* Percent-decoded, with a NUL; false for a bad escape or a control character.
 * In a query, a plus may stand for a blank. */
enum query_plus { QUERY_PLUS, QUERY_BLANK };
bool query_decode(struct bytes *out, struct bytes in, enum query_plus plus,
    struct arena *arena);
