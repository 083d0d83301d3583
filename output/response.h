/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * response - what is said to one request or to many: finished, shared by count,
 * so that a thousand clients cost one body.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"
#include "output/head.h"

enum { RESPONSE_TAG = 80, RESPONSE_POLICY = 300 };

/* Filled by whoever makes it, then never changed. */
struct response_parts {
	unsigned status;
	const char *media;      /* Content-Type; of static life */
	bool gzip;              /* body is compressed */
	bool varies;            /* it could also have been compressed, or not */
	char tag[RESPONSE_TAG]; /* entity tag with its quotes, or "" */
	int64_t modified;       /* INT64_MIN: not told */
	const char *allow;      /* Allow; NULL: not told */
	char policy[RESPONSE_POLICY]; /* Content-Security-Policy, or "" */
	unsigned retry;               /* Retry-After in seconds; 0: not told */
	struct octets body;
};

struct response;

/* Takes the body; the first reference. */
const struct response *response_new(const struct response_parts *parts);
const struct response *response_get(const struct response *response);
void response_put(const struct response *response); /* NULL is fine */
const struct response_parts *response_of(const struct response *response);

/* How many octets the bodies of some answers have together, as long as anybody
 * holds them. */
struct response_sum;
struct response_sum *response_sum_new(void);
void response_sum_put(struct response_sum *sum); /* NULL is fine */
size_t response_sum_octets(const struct response_sum *sum);
/* Count this one, once, before others have it. */
void response_sum_add(struct response_sum *sum,
    const struct response *response);

/* One line of text, or of JSON {"error": ...}. */
const struct response *response_line(unsigned status, const char *line,
    bool json);

/* "Not Found" and so on; never NULL. */
const char *response_phrase(unsigned status);

/* The head that goes before a body of this length; INT64_MAX: in chunks, or
 * until the connection ends. */
struct response_manner {
	bool keep, chunks;
	int64_t length;
	int64_t now;
};
void response_head(struct octets *out, const struct response *response,
    const struct response_manner *manner);

/* Does the client want it only as it was before (RFC 9110 13.1.1 and 13.1.4)?
 */
bool response_unwanted(const struct response_parts *parts,
    const struct head *head);

/* Does the client hold this very answer (RFC 9110 13.1)? */
bool response_held(const struct response_parts *parts, const struct head *head);
