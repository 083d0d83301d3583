/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lineage - which point stands above which, and what failed of that line.
 *
 * What this run says of a point counts; where it did not come that far, what it
 * says of the next one above. The paths are those of the run before and those
 * that were marked then. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "payload/report.h"

/* A point above another, by report_point_name(). */
struct lineage_link {
	uint64_t name, parent; /* parent 0: a trust anchor's own */
};

struct lineage;

/* Lends the report of this run. That of the run before may be NULL; links are
 * more paths, of points that run did not reach. */
struct lineage *lineage_new(const struct report *now, const struct report *then,
    const struct lineage_link *links, size_t count);
void lineage_free(struct lineage *lineage); /* NULL is fine */

/* Was the point that publishes at this URI rejected, or the next one above it
 * that this run knows, on all ways up? No, when nothing is known of them. */
bool lineage_failed(const struct lineage *lineage, const char *uri);

/* Mark the path above that point, as far as this run did not see it. */
void lineage_mark(struct lineage *lineage, const char *uri);
/* All marked links, by name; the caller frees the array. */
struct lineage_link *lineage_marked(const struct lineage *lineage,
    size_t *count);
