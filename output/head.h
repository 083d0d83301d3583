/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * head - the head of an HTTP request, read strictly (RFC 9112): what is not
 * plainly a request is refused before anything is done about it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"

enum head_method {
	HEAD_GET,
	HEAD_HEAD,
	HEAD_POST,
	HEAD_OPTIONS,
	HEAD_METHODS /* any other */
};

struct head {
	enum head_method method;
	struct bytes path, query; /* as they came, still percent-encoded */
	unsigned minor;           /* of HTTP/1.x */
	bool keep;                /* the connection may live on */
	bool go_on;               /* waits for 100 Continue */
	bool gzip;                /* takes it */
	bool open_metrics;        /* prefers them */
	uint64_t length;          /* of the body */
	struct bytes type;        /* Content-Type, without parameters */
	struct bytes none_match;  /* If-None-Match; empty: not there */
	int64_t since;            /* If-Modified-Since; INT64_MIN: not there */
	struct bytes match;       /* If-Match; empty: not there */
	int64_t unmodified; /* If-Unmodified-Since; INT64_MIN: not there */
};

/* What is wrong with a request: an HTTP status and one line; 0: nothing. */
struct head_refusal {
	unsigned status;
	const char *why;
};

/* How long the head at the beginning of these octets is, with its empty line;
 * 0: it has not ended yet. The first `seen` octets were looked at before. */
size_t head_length(struct bytes in, size_t seen);

/* Can what came so far still become a head? Stops what only looks for time. */
struct head_refusal head_begins(struct bytes in, size_t seen);

/* Reads a whole head. Everything points into it, but a path that was left out,
 * and lists that stood on several lines: those are joined in the arena. */
struct head_refusal head_read(struct head *head, struct bytes in,
    struct arena *arena);

/* Does the list of entity tags name this one, which is a strong one? */
enum head_comparison { HEAD_WEAKLY, HEAD_STRONGLY };
bool head_names(struct bytes list, const char *tag, enum head_comparison how);
