/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * agent - one request over HTTPS and its one answer (the door to libcurl).
 *
 * A redirect is an answer like others here, and one proxy is all there is:
 * where to go on is http's business (fetch/http.h), by whose terms it works.
 * One agent per thread. Within fetch/ only.
 */
#pragma once

#include "fetch/http.h"

struct agent;

/* Takes on what of the configuration concerns a single request; it is not
 * needed afterwards. 0 or -errno; -ENOTSUP: libcurl is not one on OpenSSL. */
int agent_new(struct agent **agent, const struct http_config *config);
void agent_free(struct agent *agent);    /* NULL is fine */
void agent_hang_up(struct agent *agent); /* http_hang_up() */

struct agent_hop {
	const struct http_request *request;
	const char *uri;     /* where to, this time */
	const char *proxy;   /* NULL: none */
	int64_t deadline_ms; /* clock_mono_ms() */
};

/*
 * FAULT_NONE: there is an answer, of whatever status; the body of one of 200 is
 * in the spool. Faults: those of http_get() but http-redirect and uri-*.
 */
enum fault agent_ask(struct agent *agent, const struct agent_hop *hop,
    struct http_answer *answer);

/* Where the last answer sends us, absolute; NULL: nowhere that can be read.
 * Lent until the next request. */
const char *agent_target(const struct agent *agent);

/* Why there is no answer, in its detail: one line, whatever a server put into
 * the words. */
void agent_explain(struct http_answer *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Where libcurl looks for the system's roots; NULL: it does not say. */
const char *agent_roots(void);
