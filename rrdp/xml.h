/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml - read a document as it streams by (the door to libxml2).
 *
 * Only what RRDP's schema can say gets through: elements of its namespace, at
 * most two deep, attributes without a namespace, text. No tree is built,
 * nothing is loaded, no entity but XML's own five is known; rrdp/scanner.h has
 * looked at the octets before.
 */
#pragma once

#include "base/bytes.h"
#include "base/fault.h"

struct xml_attribute {
	const char *name;
	struct bytes value;
};

/* Lent for the length of one call. */
struct xml_element {
	const char *name;
	unsigned depth; /* 1: the root */
	size_t count;
	const struct xml_attribute *attributes;
};

/* A fault from any of them ends the reading. Text comes in pieces and includes
 * blanks; depth says in which element. */
struct xml_handler {
	enum fault (*begin)(void *arg, const struct xml_element *element);
	enum fault (*text)(void *arg, struct bytes text, unsigned depth);
	enum fault (*end)(void *arg, unsigned depth);
};

/* Where octets come from: how many were read, 0 at the end, -errno. */
struct xml_source {
	long (*read)(void *arg, void *into, size_t room);
	void *arg;
};

/* Octets in hand; *left is what is still to be read of them. */
struct xml_source xml_octets(struct bytes *left);

enum { XML_DETAIL = 200 };

struct xml;

/*
 * Read a document as its octets come. What was wrong in words goes to `detail`
 * (may be NULL), one line, which may quote the document. Handler and detail are
 * lent until xml_free(). The first fault is final, and nothing is read after
 * it. Faults: those of scanner.h and of the handler, rrdp-xml, rrdp-doctype,
 * rrdp-markup, rrdp-entity, rrdp-depth, rrdp-tag, rrdp-namespace,
 * rrdp-attribute.
 */
struct xml *xml_new(const struct xml_handler *handler, void *arg,
    char detail[XML_DETAIL]);
enum fault xml_feed(struct xml *xml, struct bytes more);
enum fault xml_end(struct xml *xml); /* that was all */
void xml_free(struct xml *xml);

/* Feed it all there is, and end; spool-io when the source fails. */
enum fault xml_pump(struct xml *xml, const struct xml_source *source);

/* All of that at once. */
enum fault xml_read(const struct xml_source *source,
    const struct xml_handler *handler, void *arg, char detail[XML_DETAIL]);

/* True when there is nothing but blanks in it. */
bool xml_blank(struct bytes text);
