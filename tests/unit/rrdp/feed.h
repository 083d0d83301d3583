/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * feed - documents from memory and from files, in pieces of any size.
 */
#pragma once

#include "base/octets.h"
#include "rrdp/xml.h"

struct feed {
	struct bytes left;
	size_t piece;
};

struct xml_source feed_source(struct feed *feed, struct bytes all,
    size_t piece);

/* All of a file; the test fails when it cannot be read. */
void feed_file(struct octets *out, const char *path);

/* Give every file in `folder` to `each`, name last; how many there were. */
typedef void feed_fn(const char *path, const char *name);
unsigned feed_folder(const char *folder, feed_fn *each);

/* The label before the first dot of a fixture's name. */
const char *feed_label(const char *name, char out[64]);
