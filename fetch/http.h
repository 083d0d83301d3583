/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http - get one URI over HTTPS into a spool, wherever redirects lead.
 *
 * TLS verified against the system's roots and the extra ones given; redirects
 * only within the origin (RFC 9674); sizes counted after decompression; every
 * wait has an end. One client per worker thread. The process must ignore
 * SIGPIPE. Proxies come from the configuration only, never from the
 * environment; with several, the next has its turn when one is out of reach.
 *
 * Who brings much takes turns with others who do, at a turnstile: what is small
 * never has more of them beside it than the turnstile has places.
 *
 * A gzip body that was cut short passes here, since libcurl does not notice:
 * whoever reads it does, by hash, by XML's end or by DER's lengths.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/turnstile.h"
#include "crypto/trust.h"
#include "fetch/spool.h"

struct http;

struct http_config {
	const struct trust *trust; /* lent; http_trust() */
	size_t proxy_count;
	const char *const *proxies;
	const char *local_addr; /* or NULL */
	const char *agent;
	unsigned connect_seconds, stall_seconds, total_seconds;
	unsigned redirects; /* followed for one file */
	size_t header;      /* octets that the head of an answer may have */
	bool allow_dubious; /* hosts, and what they resolve to */
	struct turnstile *turnstile; /* lent; NULL: nobody waits */
};

struct http_request {
	const char *uri;                  /* checked by uri_read() */
	const char *etag, *last_modified; /* conditional when not NULL */
	struct spool *into;               /* its ceiling is ours */
	int64_t deadline_ms;  /* clock_mono_ms(); 0: only the config's */
	bool allow_near;      /* addresses of fetch/near.h */
	atomic_ullong *meter; /* counts the octets as they come; or NULL: what
				 comes is little */
};

struct http_answer {
	int status; /* 200, 304, another; -1: no answer */
	char etag[256], last_modified[64]; /* empty: not given */
	char detail[256]; /* one line for people when it failed */
	uint64_t octets;
	int64_t retry_after; /* seconds that a busy server asked for; 0 */
};

/*
 * The system's roots and those of files or folders beside them, for every
 * client of the run. 0 or -errno, and in *bad (may be NULL) which of `roots` is
 * no good; -ENOENT and NULL when there are none at all.
 */
int http_trust(struct trust **trust, const char *const *roots, size_t count,
    const char **bad);

int http_new(struct http **http, const struct http_config *config);
void http_free(struct http *http);

/*
 * Close what is still open. What a server says there unasked would pass for the
 * answer to what is asked next (RFC 9112 9.2): so no connection serves two
 * repositories, or goes on where an answer was no good.
 */
void http_hang_up(struct http *http);

/*
 * FAULT_NONE: status is 200 and the spool holds the body, or status is 304 and
 * a condition was given. Faults: http-status, http-connect, http-tls,
 * http-redirect, http-size, http-timeout, http-protocol,
 * http-header, http-encoding, http-dubious, spool-io, uri-*.
 */
enum fault http_get(struct http *http, const struct http_request *request,
    struct http_answer *answer);
