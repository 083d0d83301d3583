/* SPDX-License-Identifier: BSD-2-Clause */
/* http - see http.h. */
#include "fetch/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/uri.h"
#include "crypto/parley.h"
#include "fetch/header.h"
#include "fetch/near.h"
#include "fetch/roots.h"

enum {
	STALL_RATE = 128,     /* octets a second that count as nothing */
	IDLE_MOST = 8,        /* connections kept open between requests */
	REFUSED_MOST = 65536, /* body of an error that we let pass by */
	MUCH = 1 << 20,       /* octets from which on one takes turns */
	TURN = 1 << 18,       /* octets */
	POLL_MS = 1000,
};

/* One request and its one answer: a redirect makes another. */
struct hop {
	struct http *http;
	const struct http_request *request;
	struct http_answer *answer;
	int64_t deadline_ms;
	uint64_t wire_most; /* octets on the wire, before decoding */
	size_t refused_octets;
	struct header header;
	bool inside;   /* of the turnstile */
	uint64_t turn; /* octets since */
	int machine;
	bool near;        /* an address was refused */
	enum fault fault; /* what made us give up */
};

struct http {
	CURL *curl;
	CURLM *multi;
	struct turnstile *turnstile;
	struct arena *arena; /* of the request */
	const struct trust *trust;
	char **proxies;
	size_t proxy_count, proxy_at;
	char *local_addr, *agent;
	unsigned connect_seconds, stall_seconds, total_seconds, redirects;
	size_t header;
	struct parley parley; /* of the hop */
	bool allow_dubious;
	char error[CURL_ERROR_SIZE];
};

/* --- what curl tells us */

static size_t
on_header(char *at, size_t one, size_t n, void *arg)
{
	struct hop *hop = arg;

	hop->fault = header_line(&hop->header, bytes_of(at, one * n));
	return hop->fault == FAULT_NONE ? one * n : 0;
}

/* One turn after the other, once it is much. */
static void
take_turns(struct hop *hop, uint64_t octets)
{
	struct turnstile *turnstile = hop->http->turnstile;
	const atomic_ullong *meter = hop->request->meter;

	if (turnstile == NULL || meter == NULL || atomic_load(meter) < MUCH) {
		return;
	}
	hop->turn += octets;
	if (hop->inside && hop->turn >= TURN &&
	    turnstile_waiting(turnstile) > 0) {
		turnstile_leave(turnstile);
		hop->inside = false;
	}
	if (!hop->inside) {
		turnstile_enter(turnstile, 0);
		hop->inside = true;
		hop->turn = 0;
	}
}

static void
end_turn(struct hop *hop)
{
	if (hop->inside) {
		turnstile_leave(hop->http->turnstile);
		hop->inside = false;
	}
}

static enum fault
take_body(struct hop *hop, struct bytes more)
{
	long status = 0;

	take_turns(hop, more.len);

	hop->header.closed = true;
	curl_easy_getinfo(hop->http->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		hop->refused_octets += more.len;
		return hop->refused_octets > REFUSED_MOST ? FAULT_HTTP_STATUS
							  : FAULT_NONE;
	}
	hop->machine = spool_add(hop->request->into, more);
	if (hop->request->meter != NULL) {
		atomic_fetch_add(hop->request->meter, more.len);
	}
	if (hop->machine == 0) {
		return FAULT_NONE;
	}
	return hop->machine == -EFBIG ? FAULT_HTTP_SIZE : FAULT_SPOOL_IO;
}

static size_t
on_body(char *at, size_t one, size_t n, void *arg)
{
	struct hop *hop = arg;

	hop->fault = take_body(hop, bytes_of(at, one * n));
	return hop->fault == FAULT_NONE ? one * n : 0;
}

static int
on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
    curl_off_t up_now)
{
	struct hop *hop = arg;

	(void)total, (void)up_total, (void)up_now;
	if (now > 0 && (uint64_t)now > hop->wire_most) {
		hop->fault = FAULT_HTTP_SIZE;
	} else if (clock_mono_ms() >= hop->deadline_ms) {
		hop->fault = FAULT_HTTP_TIMEOUT;
	}
	return hop->fault != FAULT_NONE;
}

static CURLcode
on_tls(CURL *curl, void *ssl_ctx, void *arg)
{
	struct http *http = arg;

	(void)curl;
	trust_lend(http->trust, ssl_ctx);
	parley_watch(&http->parley, ssl_ctx);
	return CURLE_OK;
}

/* Behind a proxy it is the proxy's address, and the operator's choice. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct hop *hop = arg;

	(void)purpose;
	if (!hop->http->allow_dubious && !hop->request->allow_near &&
	    hop->http->proxy_count == 0 && near_address(&address->addr)) {
		hop->near = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

/* --- what we tell curl */

static void
set_for_good(struct http *http)
{
	CURL *curl = http->curl;

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	/* One file at a time needs no HTTP/2, and a server that sends frames of
	 * it faster than they are read keeps libcurl for ever. */
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_MOST);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->error);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, http->agent);
	curl_easy_setopt(curl, CURLOPT_INTERFACE, http->local_addr);
	curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	/* The origin, and a proxy that is spoken to over TLS, alike. */
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO, NULL);
	curl_easy_setopt(curl, CURLOPT_PROXY_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, http);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
	    (long)http->connect_seconds);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_RATE);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
	    (long)http->stall_seconds);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
}

int
http_trust(struct trust **out, const char *const *roots, size_t count,
    const char **bad)
{
	const char *system = curl_version_info(CURLVERSION_NOW)->cainfo;
	struct octets pem = { 0 };
	int rc = 0;

	/* A machine without any of its own has only the operator's. */
	(void)roots_add_system(&pem, system);
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

/* The roots are lent to OpenSSL itself, so nothing else will do. */
static bool
tls_is_openssl(void)
{
	const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;

	return name != NULL && strncmp(name, "OpenSSL/", 8) == 0;
}

int
http_new(struct http **out, const struct http_config *config)
{
	struct http *http;

	assert(config->trust != NULL);
	if (!tls_is_openssl()) {
		return -ENOTSUP;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		return -ENOMEM;
	}
	http = mem_zero(1, sizeof(*http));
	http->arena = arena_new();
	http->agent = mem_text(config->agent);
	http->local_addr =
	    config->local_addr == NULL ? NULL : mem_text(config->local_addr);
	http->proxy_count = config->proxy_count;
	http->proxies = mem_zero(config->proxy_count + 1, sizeof(char *));
	for (size_t i = 0; i < config->proxy_count; i++) {
		http->proxies[i] = mem_text(config->proxies[i]);
	}
	http->connect_seconds = config->connect_seconds;
	http->stall_seconds = config->stall_seconds;
	http->total_seconds = config->total_seconds;
	http->redirects = config->redirects;
	http->header = config->header;
	http->parley.most = LIMIT_TLS_MESSAGES;
	http->allow_dubious = config->allow_dubious;
	http->trust = config->trust;
	http->turnstile = config->turnstile;
	http->curl = curl_easy_init();
	http->multi = curl_multi_init();
	if (http->curl == NULL || http->multi == NULL) {
		http_free(http);
		return -ENOMEM;
	}
	set_for_good(http);
	*out = http;
	return 0;
}

void
http_free(struct http *http)
{
	if (http == NULL) {
		return;
	}
	curl_easy_cleanup(http->curl);
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
	for (size_t i = 0; i < http->proxy_count; i++) {
		free(http->proxies[i]);
	}
	free(http->proxies);
	free(http->local_addr);
	free(http->agent);
	arena_free(http->arena);
	free(http);
}

/* --- one request */

static void __attribute__((format(printf, 2, 3)))
explain(struct http_answer *answer, const char *format, ...)
{
	struct octets safe = { 0 };
	char raw[sizeof(answer->detail)];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	text_escape(&safe, text_bytes(raw));
	snprintf(answer->detail, sizeof(answer->detail), "%.*s", (int)safe.len,
	    (const char *)safe.at);
	octets_clear(&safe);
}

static enum fault
fault_of(CURLcode code)
{
	static const struct {
		CURLcode code;
		enum fault fault;
	} rows[] = {
		{ CURLE_COULDNT_RESOLVE_PROXY, FAULT_HTTP_CONNECT },
		{ CURLE_COULDNT_RESOLVE_HOST, FAULT_HTTP_CONNECT },
		{ CURLE_COULDNT_CONNECT, FAULT_HTTP_CONNECT },
		{ CURLE_INTERFACE_FAILED, FAULT_HTTP_CONNECT },
		{ CURLE_PROXY, FAULT_HTTP_CONNECT },
		{ CURLE_OPERATION_TIMEDOUT, FAULT_HTTP_TIMEOUT },
		{ CURLE_FILESIZE_EXCEEDED, FAULT_HTTP_SIZE },
		{ CURLE_SSL_CONNECT_ERROR, FAULT_HTTP_TLS },
		{ CURLE_PEER_FAILED_VERIFICATION, FAULT_HTTP_TLS },
		{ CURLE_SSL_CIPHER, FAULT_HTTP_TLS },
		{ CURLE_SSL_CERTPROBLEM, FAULT_HTTP_TLS },
		{ CURLE_SSL_CACERT_BADFILE, FAULT_HTTP_TLS },
		{ CURLE_SSL_ISSUER_ERROR, FAULT_HTTP_TLS },
		{ CURLE_BAD_CONTENT_ENCODING, FAULT_HTTP_ENCODING },
#if LIBCURL_VERSION_NUM >= 0x080600
		/* More lines of header than it takes itself. */
		{ CURLE_TOO_LARGE, FAULT_HTTP_HEADER },
#endif
		/* Our own part had no say: it is the decoder's word. */
		{ CURLE_WRITE_ERROR, FAULT_HTTP_ENCODING },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].code == code) {
			return rows[i].fault;
		}
	}
	return FAULT_HTTP_PROTOCOL;
}

static struct curl_slist *
condition_headers(const struct http_request *request)
{
	struct curl_slist *list = NULL;
	char line[512];

	if (request->etag != NULL && request->etag[0] != '\0') {
		snprintf(line, sizeof(line), "If-None-Match: %s",
		    request->etag);
		list = curl_slist_append(list, line);
	}
	if (request->last_modified != NULL &&
	    request->last_modified[0] != '\0') {
		snprintf(line, sizeof(line), "If-Modified-Since: %s",
		    request->last_modified);
		list = curl_slist_append(list, line);
	}
	return list;
}

/* Who refuses may do it in any form. */
static bool
refused(enum fault fault, long status)
{
	return status >= 400 && status <= 599 &&
	       (fault == FAULT_HTTP_PROTOCOL || fault == FAULT_HTTP_ENCODING);
}

/* Why there is no answer, or none that is one. */
static enum fault
give_up(const struct http *http, const struct hop *hop, CURLcode code,
    long status)
{
	enum fault fault =
	    hop->fault != FAULT_NONE ? hop->fault : fault_of(code);

	if (refused(fault, status)) {
		explain(hop->answer, "HTTP status %ld", status);
		return FAULT_HTTP_STATUS;
	}
	if (hop->fault != FAULT_NONE) {
		explain(hop->answer, "%s", fault_text(hop->fault));
		return hop->fault;
	}
	if (parley_over(&http->parley)) {
		explain(hop->answer, "more than %u messages of TLS itself",
		    http->parley.most);
		return FAULT_HTTP_TLS;
	}
	if (hop->near && fault == FAULT_HTTP_CONNECT) {
		explain(hop->answer, "its name leads into this network");
		return FAULT_HTTP_DUBIOUS;
	}
	explain(hop->answer, "%s",
	    http->error[0] != '\0' ? http->error : curl_easy_strerror(code));
	return fault;
}

/* A date of the future is none (RFC 9110 8.8.2.1): sent back, it would have a
 * server say until then that nothing is new. */
static bool
has_been(const char *date)
{
	time_t when = curl_getdate(date, NULL);

	return when >= 0 && when <= clock_wall();
}

/* Only from who has too much to do (RFC 9110 15.6.4, RFC 6585 4). */
static int64_t
retry_after(CURL *curl, long status)
{
	curl_off_t seconds = 0;

	if (status == 429 || status == 503) {
		curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
	}
	return seconds > 0 ? seconds : 0;
}

/* In the turnstile one works and does not wait: neither for the network nor for
 * anybody who is to write. */
static CURLcode
work(struct http *http, struct hop *hop)
{
	int going = 1, left;
	CURLMcode rc = CURLM_OK;
	const CURLMsg *end;

	while (rc == CURLM_OK && going > 0) {
		take_turns(hop, 0);
		rc = curl_multi_perform(http->multi, &going);
		end_turn(hop);
		if (rc == CURLM_OK && going > 0) {
			rc = curl_multi_poll(http->multi, NULL, 0, POLL_MS,
			    NULL);
		}
	}
	end = curl_multi_info_read(http->multi, &left);
	return rc == CURLM_OK && end != NULL ? end->data.result
					     : CURLE_OUT_OF_MEMORY;
}

static CURLcode
transfer(struct http *http, struct hop *hop)
{
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (curl_multi_add_handle(http->multi, http->curl) == CURLM_OK) {
		code = work(http, hop);
		curl_multi_remove_handle(http->multi, http->curl);
	}
	return code;
}

static enum fault
perform(struct http *http, struct hop *hop, const char *uri,
    const struct curl_slist *headers)
{
	int64_t left = hop->deadline_ms - clock_mono_ms();
	CURL *curl = http->curl;
	long status = 0;
	CURLcode code;

	if (left <= 0) {
		explain(hop->answer, "no time left");
		return FAULT_HTTP_TIMEOUT;
	}
	http->error[0] = '\0';
	http->parley.heard = 0;
	curl_easy_setopt(curl, CURLOPT_URL, uri);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE,
	    (curl_off_t)hop->wire_most);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, hop);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, hop);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, hop);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, hop);
	/* An empty name keeps curl from asking the environment for one. */
	curl_easy_setopt(curl, CURLOPT_PROXY,
	    http->proxy_count > 0 ? http->proxies[http->proxy_at] : "");
	code = transfer(http, hop);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	hop->answer->status = status > 0 ? (int)status : -1;
	hop->answer->retry_after = retry_after(curl, status);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	if (code == CURLE_OK && !parley_over(&http->parley)) {
		memcpy(hop->answer->etag, hop->header.etag,
		    sizeof(hop->answer->etag));
		memcpy(hop->answer->last_modified, hop->header.last_modified,
		    sizeof(hop->answer->last_modified));
		if (!has_been(hop->answer->last_modified)) {
			hop->answer->last_modified[0] = '\0';
		}
		return FAULT_NONE;
	}
	return give_up(http, hop, code, status);
}

/* The next proxy has its turn when one cannot be reached. */
static enum fault
perform_by_proxies(struct http *http, const struct hop *fresh, const char *uri,
    const struct curl_slist *headers)
{
	enum fault fault;
	size_t tried = 0;

	do {
		struct hop hop = *fresh;

		fault = perform(http, &hop, uri, headers);
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
	char *text = NULL;

	curl_easy_getinfo(http->curl, CURLINFO_REDIRECT_URL, &text);
	if (text == NULL) {
		explain(answer, "redirect without a usable target");
		return FAULT_HTTP_REDIRECT;
	}
	if (uri_read(to, text_bytes(text), http->arena) != FAULT_NONE ||
	    to->scheme != URI_HTTPS || !uri_same_origin(from, to)) {
		explain(answer, "redirect to %s", text);
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
	explain(answer, "HTTP status %d%s", answer->status,
	    answer->status == 304 ? " without a condition" : "");
	return FAULT_HTTP_STATUS;
}

static enum fault
get_final(struct http *http, const struct hop *fresh, const struct uri *origin,
    const struct curl_slist *headers)
{
	struct http_answer *answer = fresh->answer;
	struct uri uri = *origin;

	for (unsigned hops = 0; hops <= http->redirects; hops++) {
		enum fault fault =
		    perform_by_proxies(http, fresh, uri.text, headers);

		if (fault == FAULT_NONE && !redirects(answer->status)) {
			return judge_status(fresh->request, answer);
		}
		if (fault == FAULT_NONE) {
			fault = read_target(http, answer, origin, &uri);
		}
		if (fault != FAULT_NONE) {
			return fault;
		}
	}
	explain(answer, "more than %u redirects", http->redirects);
	return FAULT_HTTP_REDIRECT;
}

static int64_t
deadline_of(const struct http *http, const struct http_request *request)
{
	int64_t own = clock_mono_ms() + (int64_t)http->total_seconds * 1000;

	return request->deadline_ms != 0 && request->deadline_ms < own
		   ? request->deadline_ms
		   : own;
}

enum fault
http_get(struct http *http, const struct http_request *request,
    struct http_answer *answer)
{
	struct hop hop = {
		.http = http,
		.request = request,
		.answer = answer,
		.deadline_ms = deadline_of(http, request),
		.wire_most = spool_room(request->into),
		.header = { .most = http->header },
	};
	struct curl_slist *headers;
	struct uri origin;
	enum fault fault;

	*answer = (struct http_answer){ .status = -1 };
	arena_reset(http->arena);
	fault = uri_read(&origin, text_bytes(request->uri), http->arena);
	if (fault == FAULT_NONE && origin.scheme != URI_HTTPS) {
		fault = FAULT_URI_SCHEME;
	}
	if (fault == FAULT_NONE && uri_dubious(&origin) &&
	    !http->allow_dubious) {
		fault = FAULT_HTTP_DUBIOUS;
	}
	if (fault != FAULT_NONE) {
		explain(answer, "%s", fault_text(fault));
		return fault;
	}
	headers = condition_headers(request);
	fault = get_final(http, &hop, &origin, headers);
	curl_slist_free_all(headers);
	answer->octets = spool_size(request->into);
	if (fault != FAULT_NONE) {
		answer->etag[0] = answer->last_modified[0] = '\0';
	}
	return fault;
}
