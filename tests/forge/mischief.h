/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mischief - ways to make an item wrong: raw edits, and a table of named ones.
 *
 * A value is hex, or one of int:5 oid:1.2.3 utc:-1h gen:+2d (from the story's
 * clock, or a date) ips:10.0.0.0/8 asns:AS1-5 (a comma between; "inherit")
 * ia5:text printable:text utf8:text uri:text octets:hex null many:N:hex.
 */
#pragma once

#include "tests/forge/world.h"

/* False: no such way, or a value that cannot be read. */
bool mischief_edit(struct world *world, struct item *item, const char *field,
    const char *how, const char *value);

/* One row of the table. False: no such name. Marks the item invalid. */
bool mischief_break(struct world *world, struct item *item, const char *name);

/* The names of the table, one a line with what they do. */
void mischief_list(void);

/* "-1h", "+40d", "90" (seconds). */
bool mischief_span(const char *text, int64_t *seconds);
