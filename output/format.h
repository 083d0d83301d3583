/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * format - every shape in which payload is written: one table for the command
 * line, for files and for HTTP.
 */
#pragma once

#include <stddef.h>

#include "output/pen.h"
#include "payload/filter.h"
#include "payload/report.h"
#include "payload/snapshot.h"

struct format_input {
	const struct snapshot *snapshot;
	const struct report *report; /* NULL: summary counts only payload */
	const struct filter *filter; /* NULL: everything */
	int64_t now;                 /* when the set was made */
};

/* What its octets follow from: the serial alone; trust anchors as well; or
 * times and sources, which change also where nothing else does. */
enum format_follows { FORMAT_SERIAL, FORMAT_ANCHORS, FORMAT_SET };

struct format {
	const char *name;
	const char *media_type;
	void (*write)(struct pen *pen, const struct format_input *input);
	enum format_follows follows;
	const char *help;
};

/* NULL when there is none of this name; rows until NULL. */
const struct format *format_find(const char *name);
const struct format *format_row(size_t i);

/* 0, or what the sink returned when it failed. */
int format_write(const struct format *format, const struct format_input *input,
    struct sink sink);

/* The next item of the kind from *i on that is selected; false: no more. */
bool format_next(const struct format_input *input, enum item_kind kind,
    size_t *i);
