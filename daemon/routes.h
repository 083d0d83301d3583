/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * routes - lists of announced prefixes and their origins, as people write
 * them: lines of `PREFIX => ASN`, or JSON {"routes": [{"asn", "prefix"}]}.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"
#include "base/octets.h"

struct route {
	struct ip_prefix prefix;
	uint32_t asn;
};

struct routes {
	size_t count, room;
	struct route *at;
};

enum routes_form { ROUTES_TEXT, ROUTES_JSON };

/* Texts that the settings took: they are good. */
void routes_one(struct routes *routes, const char *prefix, const char *asn);

/* False, with *why and the place, at the first thing that is no route. */
bool routes_read(struct routes *routes, const char *path, enum routes_form form,
    struct octets *why);

/* The same from octets; `path` is for complaints. */
bool routes_parse(struct routes *routes, struct bytes text, const char *path,
    enum routes_form form, struct octets *why);

void routes_clear(struct routes *routes);
