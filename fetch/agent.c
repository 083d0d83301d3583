/* SPDX-License-Identifier: BSD-2-Clause */
/* agent - see agent.h. */
#include "fetch/agent.h"

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
#include "crypto/parley.h"
#include "fetch/header.h"
#include "fetch/near.h"

enum {
	STALL_RATE = 128,     /* octets a second that count as nothing */
	IDLE_MOST = 8,        /* connections kept open between requests */
	REFUSED_MOST = 65536, /* body of an error that we let pass by */
	MUCH = 1 << 20,       /* octets from which on one takes turns */
	TURN = 1 << 18,       /* octets */
	POLL_MS = 1000,
};

struct agent {
	CURL *curl;
	CURLM *multi;
	struct turnstile *turnstile;
	const struct trust *trust;
	size_t header;
	struct parley parley; /* of the hop */
	bool allow_dubious;
	char error[CURL_ERROR_SIZE];
};

/* A hop on its way. */
struct transfer {
	struct agent *agent;
	const struct agent_hop *hop;
	struct http_answer *answer;
	uint64_t wire_most; /* octets on the wire, before decoding */
	size_t refused_octets;
	struct header header;
	bool inside;      /* of the turnstile */
	uint64_t turn;    /* octets since */
	bool near;        /* an address was refused */
	enum fault fault; /* what made us give up */
};

/* --- turns */

/* One turn after the other, once it is much. */
static void
take_turns(struct transfer *t, uint64_t octets)
{
	struct turnstile *turnstile = t->agent->turnstile;
	const atomic_ullong *meter = t->hop->request->meter;

	if (turnstile == NULL || meter == NULL || atomic_load(meter) < MUCH) {
		return;
	}
	t->turn += octets;
	if (t->inside && t->turn >= TURN && turnstile_waiting(turnstile) > 0) {
		turnstile_leave(turnstile);
		t->inside = false;
	}
	if (!t->inside) {
		turnstile_enter(turnstile, 0);
		t->inside = true;
		t->turn = 0;
	}
}

static void
end_turn(struct transfer *t)
{
	if (t->inside) {
		turnstile_leave(t->agent->turnstile);
		t->inside = false;
	}
}

/* --- what curl tells us */

static size_t
on_header(char *at, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;

	t->fault = header_line(&t->header, bytes_of(at, one * n));
	return t->fault == FAULT_NONE ? one * n : 0;
}

static enum fault
take_body(struct transfer *t, struct bytes more)
{
	const struct http_request *request = t->hop->request;
	long status = 0;
	int rc;

	take_turns(t, more.len);
	t->header.closed = true;
	curl_easy_getinfo(t->agent->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		t->refused_octets += more.len;
		return t->refused_octets > REFUSED_MOST ? FAULT_HTTP_STATUS
							: FAULT_NONE;
	}
	rc = spool_add(request->into, more);
	if (request->meter != NULL) {
		atomic_fetch_add(request->meter, more.len);
	}
	if (rc == 0) {
		return FAULT_NONE;
	}
	return rc == -EFBIG ? FAULT_HTTP_SIZE : FAULT_SPOOL_IO;
}

static size_t
on_body(char *at, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;

	t->fault = take_body(t, bytes_of(at, one * n));
	return t->fault == FAULT_NONE ? one * n : 0;
}

static int
on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
    curl_off_t up_now)
{
	struct transfer *t = arg;

	(void)total, (void)up_total, (void)up_now;
	if (now > 0 && (uint64_t)now > t->wire_most) {
		t->fault = FAULT_HTTP_SIZE;
	} else if (clock_mono_ms() >= t->hop->deadline_ms) {
		t->fault = FAULT_HTTP_TIMEOUT;
	}
	return t->fault != FAULT_NONE;
}

static CURLcode
on_tls(CURL *curl, void *ssl_ctx, void *arg)
{
	struct agent *agent = arg;

	(void)curl;
	trust_lend(agent->trust, ssl_ctx);
	parley_watch(&agent->parley, ssl_ctx);
	return CURLE_OK;
}

/* Behind a proxy it is the proxy's address, and the operator's choice. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = arg;

	(void)purpose;
	if (!t->agent->allow_dubious && !t->hop->request->allow_near &&
	    t->hop->proxy == NULL && near_address(&address->addr)) {
		t->near = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

/* --- what we tell curl */

/* The origin, and a proxy that is spoken to over TLS, alike. */
static void
set_tls(struct agent *agent)
{
	CURL *curl = agent->curl;

	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO, NULL);
	curl_easy_setopt(curl, CURLOPT_PROXY_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, agent);
}

static void
set_doorbells(CURL *curl)
{
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
}

static void
set_for_good(struct agent *agent, const struct http_config *config)
{
	CURL *curl = agent->curl;

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
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, agent->error);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, config->agent);
	curl_easy_setopt(curl, CURLOPT_INTERFACE, config->local_addr);
	curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
	    (long)config->connect_seconds);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_RATE);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
	    (long)config->stall_seconds);
	set_tls(agent);
	set_doorbells(curl);
}

/* The roots are lent to OpenSSL itself, so nothing else will do. */
static bool
tls_is_openssl(void)
{
	const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;

	return name != NULL && strncmp(name, "OpenSSL/", 8) == 0;
}

static CURLM *
new_multi(void)
{
	CURLM *multi = curl_multi_init();

	if (multi != NULL) {
		curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)IDLE_MOST);
	}
	return multi;
}

int
agent_new(struct agent **out, const struct http_config *config)
{
	struct agent *agent;

	*out = NULL;
	if (!tls_is_openssl()) {
		return -ENOTSUP;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		return -ENOMEM;
	}
	agent = mem_zero(1, sizeof(*agent));
	agent->header = config->header;
	agent->parley.most = LIMIT_TLS_MESSAGES;
	agent->allow_dubious = config->allow_dubious;
	agent->trust = config->trust;
	agent->turnstile = config->turnstile;
	agent->curl = curl_easy_init();
	agent->multi = new_multi();
	if (agent->curl == NULL || agent->multi == NULL) {
		agent_free(agent);
		return -ENOMEM;
	}
	set_for_good(agent, config);
	*out = agent;
	return 0;
}

void
agent_free(struct agent *agent)
{
	if (agent == NULL) {
		return;
	}
	curl_easy_cleanup(agent->curl);
	curl_multi_cleanup(agent->multi);
	curl_global_cleanup();
	free(agent);
}

/* libcurl gives up connections only together with what holds them. */
void
agent_hang_up(struct agent *agent)
{
	CURLM *multi = new_multi();

	if (multi != NULL) {
		curl_multi_cleanup(agent->multi);
		agent->multi = multi;
	}
}

/* --- one request */

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

/* Who refuses may do it in any form, and at any length. */
static bool
refused(enum fault fault, long status)
{
	return fault == FAULT_HTTP_STATUS ||
	       (status >= 400 && status <= 599 &&
		   (fault == FAULT_HTTP_PROTOCOL ||
		       fault == FAULT_HTTP_ENCODING));
}

/* Why there is no answer, or none that is one. */
static enum fault
give_up(const struct transfer *t, CURLcode code)
{
	const struct agent *agent = t->agent;
	enum fault fault = t->fault != FAULT_NONE ? t->fault : fault_of(code);

	if (refused(fault, t->answer->status)) {
		agent_explain(t->answer, "HTTP status %d", t->answer->status);
		return FAULT_HTTP_STATUS;
	}
	if (t->fault != FAULT_NONE) {
		agent_explain(t->answer, "%s", fault_text(t->fault));
		return t->fault;
	}
	if (parley_over(&agent->parley)) {
		agent_explain(t->answer, "more than %u messages of TLS itself",
		    agent->parley.most);
		return FAULT_HTTP_TLS;
	}
	if (t->near && fault == FAULT_HTTP_CONNECT) {
		agent_explain(t->answer, "its name leads into this network");
		return FAULT_HTTP_DUBIOUS;
	}
	agent_explain(t->answer, "%s",
	    agent->error[0] != '\0' ? agent->error : curl_easy_strerror(code));
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
work(struct transfer *t)
{
	CURLM *multi = t->agent->multi;
	int going = 1, left;
	CURLMcode rc = CURLM_OK;
	const CURLMsg *end;

	while (rc == CURLM_OK && going > 0) {
		take_turns(t, 0);
		rc = curl_multi_perform(multi, &going);
		end_turn(t);
		if (rc == CURLM_OK && going > 0) {
			rc = curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
		}
	}
	end = curl_multi_info_read(multi, &left);
	return rc == CURLM_OK && end != NULL ? end->data.result
					     : CURLE_OUT_OF_MEMORY;
}

static CURLcode
perform(struct transfer *t, int64_t left_ms)
{
	const struct agent_hop *hop = t->hop;
	struct curl_slist *headers = condition_headers(hop->request);
	CURL *curl = t->agent->curl;
	CURLcode code = CURLE_OUT_OF_MEMORY;

	curl_easy_setopt(curl, CURLOPT_URL, hop->uri);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left_ms);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE,
	    (curl_off_t)t->wire_most);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, t);
	/* An empty name keeps curl from asking the environment for one. */
	curl_easy_setopt(curl, CURLOPT_PROXY,
	    hop->proxy != NULL ? hop->proxy : "");
	if (curl_multi_add_handle(t->agent->multi, curl) == CURLM_OK) {
		code = work(t);
		curl_multi_remove_handle(t->agent->multi, curl);
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	return code;
}

/* What of the header is to be kept. */
static void
take_header(const struct header *header, struct http_answer *answer)
{
	memcpy(answer->etag, header->etag, sizeof(answer->etag));
	memcpy(answer->last_modified, header->last_modified,
	    sizeof(answer->last_modified));
	if (!has_been(answer->last_modified)) {
		answer->last_modified[0] = '\0';
	}
}

enum fault
agent_ask(struct agent *agent, const struct agent_hop *hop,
    struct http_answer *answer)
{
	struct transfer t = {
		.agent = agent,
		.hop = hop,
		.answer = answer,
		.wire_most = spool_room(hop->request->into),
		.header = { .most = agent->header },
	};
	int64_t left_ms = hop->deadline_ms - clock_mono_ms();
	long status = 0;
	CURLcode code;

	if (left_ms <= 0) {
		agent_explain(answer, "no time left");
		return FAULT_HTTP_TIMEOUT;
	}
	agent->error[0] = '\0';
	agent->parley.heard = 0;
	code = perform(&t, left_ms);
	curl_easy_getinfo(agent->curl, CURLINFO_RESPONSE_CODE, &status);
	answer->status = status > 0 ? (int)status : -1;
	answer->retry_after = retry_after(agent->curl, status);
	if (code != CURLE_OK || parley_over(&agent->parley)) {
		return give_up(&t, code);
	}
	take_header(&t.header, answer);
	return FAULT_NONE;
}

const char *
agent_target(const struct agent *agent)
{
	char *uri = NULL;

	curl_easy_getinfo(agent->curl, CURLINFO_REDIRECT_URL, &uri);
	return uri;
}

void
agent_explain(struct http_answer *answer, const char *format, ...)
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

const char *
agent_roots(void)
{
	return curl_version_info(CURLVERSION_NOW)->cainfo;
}
