/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * answer - what is said to one request or to many: finished, shared by count,
 * so that a thousand clients cost one body.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/octets.h"
#include "output/head.h"

enum { ANSWER_TAG = 80, ANSWER_POLICY = 300 };

/* Filled by whoever makes it, then never changed. */
struct answer_parts {
	unsigned status;
	const char *media;    /* Content-Type; of static life */
	bool gzip;            /* body is compressed */
	bool varies;          /* it could also have been compressed, or not */
	char tag[ANSWER_TAG]; /* entity tag with its quotes, or "" */
	int64_t modified;     /* INT64_MIN: not told */
	const char *allow;    /* Allow; NULL: not told */
	char policy[ANSWER_POLICY]; /* Content-Security-Policy, or "" */
	unsigned retry;             /* Retry-After in seconds; 0: not told */
	struct octets body;
};

struct answer;

/* Takes the body; the first reference. */
const struct answer *answer_new(const struct answer_parts *parts);
const struct answer *answer_get(const struct answer *answer);
void answer_put(const struct answer *answer); /* NULL is fine */
const struct answer_parts *answer_of(const struct answer *answer);

/* How many octets the bodies of some answers have together, as long as anybody
 * holds them. */
struct answer_sum;
struct answer_sum *answer_sum_new(void);
void answer_sum_put(struct answer_sum *sum); /* NULL is fine */
size_t answer_sum_octets(const struct answer_sum *sum);
/* Count this one, once, before others have it. */
void answer_sum_add(struct answer_sum *sum, const struct answer *answer);

/* One line of text, or of JSON {"error": ...}. */
const struct answer *answer_line(unsigned status, const char *line, bool json);

/* "Not Found" and so on; never NULL. */
const char *answer_phrase(unsigned status);

/* The head that goes before a body of this length; INT64_MAX: in chunks, or
 * until the connection ends. */
struct answer_manner {
	bool keep, chunks;
	int64_t length;
	int64_t now;
};
void answer_head(struct octets *out, const struct answer *answer,
    const struct answer_manner *manner);

/* Does the client want it only as it was before (RFC 9110 13.1.1 and 13.1.4)?
 */
bool answer_unwanted(const struct answer_parts *parts, const struct head *head);

/* Does the client hold this very answer (RFC 9110 13.1)? */
bool answer_held(const struct answer_parts *parts, const struct head *head);
