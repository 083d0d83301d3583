/* SPDX-License-Identifier: BSD-2-Clause */
/* http - see http.h. */
#include "fetch/http.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/uri.h"
#include "fetch/agent.h"
#include "fetch/roots.h"

struct http {
	struct agent *agent;
	struct arena *arena; /* of the request */
	char **proxies;
	size_t proxy_count, proxy_at;
	unsigned total_seconds, redirects;
	bool allow_dubious;
};

int
http_trust(struct trust **out, const char *const *roots, size_t count,
    const char **bad)
{
	struct octets pem = { 0 };
	int rc = 0;

	/* A machine without any of its own has only the operator's. */
	(void)roots_add_system(&pem, agent_roots());
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = roots_add(&pem, roots[i]);
		if (rc != 0 && bad != NULL) {
			*bad = roots[i];
		}
	}
	*out = rc == 0 ? trust_new(octets_bytes(&pem)) : NULL;
	octets_clear(&pem);
	return rc != 0 || *out != NULL ? rc : -ENOENT;
}

int
http_new(struct http **out, const struct http_config *config)
{
	struct agent *agent;
	struct http *http;
	int rc;

	assert(config->trust != NULL);
	rc = agent_new(&agent, config);
	if (rc != 0) {
		return rc;
	}
	http = mem_zero(1, sizeof(*http));
	http->agent = agent;
	http->arena = arena_new();
	http->proxy_count = config->proxy_count;
	http->proxies = mem_zero(config->proxy_count + 1, sizeof(char *));
	for (size_t i = 0; i < config->proxy_count; i++) {
		http->proxies[i] = mem_text(config->proxies[i]);
	}
	http->total_seconds = config->total_seconds;
	http->redirects = config->redirects;
	http->allow_dubious = config->allow_dubious;
	*out = http;
	return 0;
}

void
http_free(struct http *http)
{
	if (http == NULL) {
		return;
	}
	agent_free(http->agent);
	for (size_t i = 0; i < http->proxy_count; i++) {
		free(http->proxies[i]);
	}
	free(http->proxies);
	arena_free(http->arena);
	free(http);
}

void
http_hang_up(struct http *http)
{
	agent_hang_up(http->agent);
}

/* The next proxy has its turn when one cannot be reached. */
static enum fault
ask_by_proxies(struct http *http, const struct agent_hop *hop,
    struct http_answer *answer)
{
	enum fault fault;
	size_t tried = 0;

	do {
		struct agent_hop by = *hop;

		by.proxy = http->proxies[http->proxy_at];
		fault = agent_ask(http->agent, &by, answer);
		if (fault != FAULT_HTTP_CONNECT) {
			break;
		}
		if (http->proxy_count > 1) {
			http->proxy_at =
			    (http->proxy_at + 1) % http->proxy_count;
		}
	} while (++tried < http->proxy_count);
	return fault;
}

static bool
redirects(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

/* Where the answer sends us: within the origin, or nowhere. */
static enum fault
read_target(struct http *http, struct http_answer *answer,
    const struct uri *from, struct uri *to)
{
	const char *text = agent_target(http->agent);

	if (text == NULL) {
		agent_explain(answer, "redirect without a usable target");
		return FAULT_HTTP_REDIRECT;
	}
	if (uri_read(to, text_bytes(text), http->arena) != FAULT_NONE ||
	    to->scheme != URI_HTTPS || !uri_same_origin(from, to)) {
		agent_explain(answer, "redirect to %s", text);
		return FAULT_HTTP_REDIRECT;
	}
	return FAULT_NONE;
}

static enum fault
judge_status(const struct http_request *request, struct http_answer *answer)
{
	bool asked = (request->etag != NULL && request->etag[0] != '\0') ||
		     (request->last_modified != NULL &&
			 request->last_modified[0] != '\0');

	if (answer->status == 200 || (answer->status == 304 && asked)) {
		return FAULT_NONE;
	}
	agent_explain(answer, "HTTP status %d%s", answer->status,
	    answer->status == 304 ? " without a condition" : "");
	return FAULT_HTTP_STATUS;
}

static int64_t
deadline_of(const struct http *http, const struct http_request *request)
{
	int64_t own = clock_mono_ms() + (int64_t)http->total_seconds * 1000;

	return request->deadline_ms != 0 && request->deadline_ms < own
		   ? request->deadline_ms
		   : own;
}

/* On to where redirects lead. */
static enum fault
get_final(struct http *http, const struct http_request *request,
    const struct uri *origin, struct http_answer *answer)
{
	struct agent_hop hop = {
		.request = request,
		.deadline_ms = deadline_of(http, request),
	};
	struct uri uri = *origin;

	for (unsigned hops = 0; hops <= http->redirects; hops++) {
		enum fault fault;

		hop.uri = uri.text;
		fault = ask_by_proxies(http, &hop, answer);
		if (fault == FAULT_NONE && !redirects(answer->status)) {
			return judge_status(request, answer);
		}
		if (fault == FAULT_NONE) {
			fault = read_target(http, answer, origin, &uri);
		}
		if (fault != FAULT_NONE) {
			return fault;
		}
	}
	agent_explain(answer, "more than %u redirects", http->redirects);
	return FAULT_HTTP_REDIRECT;
}

/* May it be asked for at all? */
static enum fault
read_origin(struct http *http, const char *text, struct uri *origin)
{
	enum fault fault = uri_read(origin, text_bytes(text), http->arena);

	if (fault == FAULT_NONE && origin->scheme != URI_HTTPS) {
		fault = FAULT_URI_SCHEME;
	}
	if (fault == FAULT_NONE && uri_dubious(origin) &&
	    !http->allow_dubious) {
		fault = FAULT_HTTP_DUBIOUS;
	}
	return fault;
}

enum fault
http_get(struct http *http, const struct http_request *request,
    struct http_answer *answer)
{
	struct uri origin;
	enum fault fault;

	*answer = (struct http_answer){ .status = -1 };
	arena_reset(http->arena);
	fault = read_origin(http, request->uri, &origin);
	if (fault != FAULT_NONE) {
		agent_explain(answer, "%s", fault_text(fault));
		return fault;
	}
	fault = get_final(http, request, &origin, answer);
	answer->octets = spool_size(request->into);
	if (fault != FAULT_NONE) {
		answer->etag[0] = answer->last_modified[0] = '\0';
	}
	return fault;
}
