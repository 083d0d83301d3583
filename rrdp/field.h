/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * field - the values that RRDP's attributes hold, read strictly.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/uri.h"
#include "rrdp/xml.h"

enum { FIELD_SESSION = 37 };

/* One attribute an element may have and where its value goes; at NULL when it
 * is not there. */
struct field {
	const char *name;
	bool optional;
	struct bytes value;
};

/* Every attribute has a field and every field that must be has an attribute:
 * else rrdp-attribute. */
enum fault field_read(struct field *fields, size_t count,
    const struct xml_element *element);

/* What all three roots say: version, session_id and serial. */
struct field_root {
	char session[FIELD_SESSION]; /* in lower case */
	bool odd;                    /* a UUID, but not of version 4 */
	uint64_t serial;
};
enum fault field_root(struct field_root *root,
    const struct xml_element *element);

/* 1 to 2^63-1: else rrdp-serial. */
enum fault field_serial(uint64_t *serial, struct bytes text);
/* SHA-256 in hexadecimal: else rrdp-hash-form. */
enum fault field_hash(struct hash *hash, struct bytes text);
/* A checked URI of that scheme: else one of the uri- faults. */
enum fault field_uri(struct uri *uri, struct bytes text, enum uri_scheme scheme,
    struct arena *arena);
