/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alone - where kedge-judge begins: the engine for runs that fetch nothing, its
 * request on descriptor 3 too.
 *
 * What leads to libcurl, to libxml2 and to OpenSSL's TLS leads nowhere here. So
 * none of them is loaded, nor the thirty libraries that they bring, which took
 * as long as it takes to say again what was said.
 */
#include <errno.h>

#include "fetch/http.h"
#include "rrdp/sync.h"
#include "validator/engine.h"
#include "validator/gazette.h"

int
http_trust(struct trust **trust, const char *const *roots, size_t count,
    const char **bad)
{
	(void)roots;
	(void)count;
	*trust = NULL;
	*bad = NULL;
	return -ENOSYS;
}

void
trust_free(struct trust *trust)
{
	(void)trust;
}

int
http_new(struct http **http, const struct http_config *config)
{
	(void)config;
	*http = NULL;
	return -ENOSYS;
}

void
http_free(struct http *http)
{
	(void)http;
}

void
http_hang_up(struct http *http)
{
	(void)http;
}

enum fault
http_get(struct http *http, const struct http_request *request,
    struct http_answer *answer)
{
	(void)http;
	(void)request;
	answer->status = -1;
	return FAULT_HTTP_CONNECT;
}

void
sync_run(const struct sync_job *job, struct sync_result *result)
{
	(void)job;
	*result =
	    (struct sync_result){ .fault = FAULT_HTTP_CONNECT, .status = -1 };
}

enum fault
gazette_show(struct bytes octets, struct sheet *sheet, struct arena *arena)
{
	(void)octets;
	(void)sheet;
	(void)arena;
	return FAULT_RRDP_XML;
}

int
main(void)
{
	return engine_main(3);
}
