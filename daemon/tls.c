/* SPDX-License-Identifier: BSD-2-Clause */
/* tls - see tls.h. */
#include "daemon/tls.h"

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

/* Forward secrecy and authenticated encryption, as BCP 195 wants them; what
 * TLS 1.3 has is all of that kind. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM";

struct tls {
	SSL_CTX *context;
	enum tls_names names;
	int64_t expires;
	char *host; /* of a caller */
};

/* --- reading */

static void
say_openssl(struct octets *why, const char *path, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);

	octets_printf(why, "%s: %s%s%s", path, what, reason != NULL ? ": " : "",
	    reason != NULL ? reason : "");
	ERR_clear_error();
}

/* Nobody is there to be asked for a password. */
static int
no_password(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static BIO *
open_pem(const struct tls_pem *pem)
{
	size_t len = pem->text.len < INT32_MAX ? pem->text.len : 0;

	return BIO_new_mem_buf(len > 0 ? (const void *)pem->text.at : "",
	    (int)len);
}

static int64_t
ends(const X509 *certificate)
{
	struct tm tm = { 0 };
	struct clock_civil civil;
	int64_t when;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1) {
		return 0;
	}
	civil = (struct clock_civil){ .year = tm.tm_year + 1900,
		.month = tm.tm_mon + 1,
		.day = tm.tm_mday,
		.hour = tm.tm_hour,
		.minute = tm.tm_min,
		.second = tm.tm_sec };
	return clock_from_civil(&civil, &when) ? when : 0;
}

/* The first certificate is ours, the others lead to its root. */
static bool
use_chain(SSL_CTX *context, const struct tls_pem *pem, int64_t *expires,
    struct octets *why)
{
	BIO *in = open_pem(pem);
	X509 *one = PEM_read_bio_X509(in, NULL, no_password, NULL);
	bool good = one != NULL && SSL_CTX_use_certificate(context, one) == 1;

	if (one == NULL) {
		octets_printf(why, "%s: no certificate (PEM) in it", pem->path);
	} else if (!good) {
		say_openssl(why, pem->path, "its certificate is of no use");
	} else {
		*expires = ends(one);
	}
	X509_free(one);
	while (good &&
	       (one = PEM_read_bio_X509(in, NULL, no_password, NULL)) != NULL) {
		if (SSL_CTX_add0_chain_cert(context, one) != 1) {
			X509_free(one);
			say_openssl(why, pem->path, "its chain is of no use");
			good = false;
		}
	}
	BIO_free(in);
	ERR_clear_error();
	return good;
}

static bool
use_key(SSL_CTX *context, const struct tls_pem *pem, const char *certificate,
    struct octets *why)
{
	BIO *in = open_pem(pem);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, no_password, NULL);
	bool good = false;

	if (key == NULL) {
		octets_printf(why,
		    "%s: no private key (PEM) without a password in it",
		    pem->path);
	} else if (SSL_CTX_use_PrivateKey(context, key) != 1 ||
		   SSL_CTX_check_private_key(context) != 1) {
		octets_printf(why, "%s: not the key of the certificate in %s",
		    pem->path, certificate);
	} else {
		good = true;
	}
	EVP_PKEY_free(key);
	BIO_free(in);
	ERR_clear_error();
	return good;
}

static bool
use_pair(SSL_CTX *context, const struct tls_pem *certificate,
    const struct tls_pem *key, int64_t *expires, struct octets *why)
{
	return use_chain(context, certificate, expires, why) &&
	       use_key(context, key, certificate->path, why);
}

/* Roots, and CRLs where there are any; how many of each. */
static bool
use_roots(SSL_CTX *context, const struct tls_pem *pem, struct octets *why)
{
	BIO *in = open_pem(pem);
	STACK_OF(X509_INFO) *all =
	    PEM_X509_INFO_read_bio(in, NULL, no_password, NULL);
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	int certificates = 0, crls = 0;

	for (int i = 0; i < sk_X509_INFO_num(all); i++) {
		const X509_INFO *info = sk_X509_INFO_value(all, i);

		if (info->x509 != NULL &&
		    X509_STORE_add_cert(store, info->x509) == 1) {
			certificates++;
			(void)SSL_CTX_add_client_CA(context, info->x509);
		}
		if (info->crl != NULL &&
		    X509_STORE_add_crl(store, info->crl) == 1) {
			crls++;
		}
	}
	if (crls > 0) {
		(void)X509_STORE_set_flags(store,
		    X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	}
	sk_X509_INFO_pop_free(all, X509_INFO_free);
	BIO_free(in);
	ERR_clear_error();
	if (certificates == 0) {
		octets_printf(why, "%s: no certificate (PEM) in it", pem->path);
	}
	return certificates > 0;
}

/* --- a server */

/*
 * OpenSSL takes messages of a handshake, and turns renegotiation down, in a
 * loop of its own for as long as there is more: who sends such without an end
 * would keep the event loop. So they are counted, and from a connection that
 * has had too many nothing is read any more: it passes for closed.
 */
static void
on_message(int sent, int version, int kind, const void *at, size_t len,
    SSL *ssl, void *arg)
{
	uintptr_t count = (uintptr_t)SSL_get_app_data(ssl) + 1;

	(void)version, (void)at, (void)len, (void)arg;
	if (kind != (sent != 0 ? SSL3_RT_ALERT : SSL3_RT_HANDSHAKE)) {
		return;
	}
	(void)SSL_set_app_data(ssl, (void *)count);
	if (count > LIMIT_TLS_MESSAGES) {
		SSL_set_shutdown(ssl,
		    SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	}
}

static SSL_CTX *
new_context(const SSL_METHOD *method)
{
	SSL_CTX *context = SSL_CTX_new(method);

	if (context == NULL) {
		abort(); /* no memory */
	}
	(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	(void)SSL_CTX_set_cipher_list(context, ciphers);
	/* Sessions live for weeks: nothing is to be resumed or renegotiated. */
	(void)SSL_CTX_set_options(context,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
		SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_msg_callback(context, on_message);
	(void)SSL_CTX_set_num_tickets(context, 0);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	/* No buffers for those that are quiet. Not
	 * SSL_MODE_ENABLE_PARTIAL_WRITE: libevent 2.1 goes on to the next chunk
	 * of a buffer where a part of one was written, and then drops as much
	 * from the front. */
	(void)SSL_CTX_set_mode(context,
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	return context;
}

static bool
expired(const struct tls_pem *pem, int64_t ends_at, int64_t now,
    struct octets *why)
{
	char text[CLOCK_TEXT];

	if (ends_at > now) {
		return false;
	}
	clock_text(ends_at, text);
	octets_printf(why, "%s: its certificate ended at %s", pem->path, text);
	return true;
}

static SSL_CTX *
context_of(const struct tls_offer *offer, int64_t now, int64_t *expires,
    struct octets *why)
{
	static const int modes[] = {
		[TLS_CLIENTS_ANY] = SSL_VERIFY_NONE,
		[TLS_CLIENTS_REQUEST] = SSL_VERIFY_PEER,
		[TLS_CLIENTS_REQUIRE] =
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
	};
	SSL_CTX *context = new_context(TLS_server_method());

	if (!use_pair(context, &offer->certificate, &offer->key, expires,
		why) ||
	    expired(&offer->certificate, *expires, now, why) ||
	    (offer->clients != TLS_CLIENTS_ANY &&
		!use_roots(context, &offer->client_ca, why))) {
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_verify(context, modes[offer->clients], NULL);
	return context;
}

bool
tls_replace(struct tls *tls, const struct tls_offer *offer, int64_t now,
    struct octets *why)
{
	int64_t expires = 0;
	SSL_CTX *context = context_of(offer, now, &expires, why);

	if (context == NULL) {
		return false;
	}
	SSL_CTX_free(tls->context); /* those connected hold it on */
	tls->context = context;
	tls->expires = expires;
	tls->names =
	    offer->clients == TLS_CLIENTS_ANY ? TLS_NAMES_ANY : offer->names;
	return true;
}

struct tls *
tls_new(const struct tls_offer *offer, int64_t now, struct octets *why)
{
	struct tls *tls = mem_zero(1, sizeof(*tls));

	if (!tls_replace(tls, offer, now, why)) {
		free(tls);
		return NULL;
	}
	return tls;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL) {
		return;
	}
	SSL_CTX_free(tls->context);
	free(tls->host);
	free(tls);
}

int64_t
tls_expires(const struct tls *tls)
{
	return tls->expires;
}

/* The certificate must have this address among its names. */
static bool
want_address(SSL *ssl, int fd)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (getpeername(fd, (struct sockaddr *)&peer, &len) != 0) {
		return false;
	}
	if (peer.ss_family == AF_INET) {
		memcpy(&in, &peer, sizeof(in));
		return X509_VERIFY_PARAM_set1_ip(param,
			   (const unsigned char *)&in.sin_addr, 4) == 1;
	}
	if (peer.ss_family != AF_INET6) {
		return true; /* a local socket has no address */
	}
	memcpy(&in6, &peer, sizeof(in6));
	if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
		return X509_VERIFY_PARAM_set1_ip(param,
			   in6.sin6_addr.s6_addr + 12, 4) == 1;
	}
	return X509_VERIFY_PARAM_set1_ip(param, in6.sin6_addr.s6_addr, 16) == 1;
}

static struct bufferevent *
wrap(SSL *ssl, struct event_base *base, int fd,
    enum bufferevent_ssl_state state)
{
	struct bufferevent *event = bufferevent_openssl_socket_new(base, fd,
	    ssl, state, BEV_OPT_CLOSE_ON_FREE);

	/* PDUs and requests say how long they are: an end without a goodbye is
	 * only an end. */
	if (event != NULL) {
		bufferevent_openssl_set_allow_dirty_shutdown(event, 1);
	} else {
		SSL_free(ssl);
	}
	return event;
}

struct bufferevent *
tls_wrap(void *arg, struct event_base *base, int fd)
{
	struct tls *tls = arg;
	SSL *ssl = SSL_new(tls->context);

	if (ssl == NULL) {
		return NULL;
	}
	if (tls->names == TLS_NAMES_ADDRESS && !want_address(ssl, fd)) {
		SSL_free(ssl);
		return NULL;
	}
	return wrap(ssl, base, fd, BUFFEREVENT_SSL_ACCEPTING);
}

void
tls_finish(void *arg, struct bufferevent *event)
{
	SSL *ssl = bufferevent_openssl_get_ssl(event);

	(void)arg;
	if (ssl != NULL && SSL_is_init_finished(ssl)) {
		(void)SSL_shutdown(ssl);
		ERR_clear_error();
	}
}

void
tls_explain(void *arg, struct bufferevent *event, char *text, size_t size)
{
	SSL *ssl = bufferevent_openssl_get_ssl(event);
	unsigned long code = bufferevent_get_openssl_error(event);
	const char *reason = ERR_reason_error_string(code);
	long verdict = ssl != NULL ? SSL_get_verify_result(ssl) : X509_V_OK;

	(void)arg;
	text[0] = '\0';
	if (verdict != X509_V_OK) {
		(void)snprintf(text, size, "TLS: its certificate: %s",
		    X509_verify_cert_error_string(verdict));
	} else if (reason != NULL) {
		(void)snprintf(text, size, "TLS: %s", reason);
	}
}

/* --- calling */

static bool
prepare_caller(SSL_CTX *context, const struct tls_caller *caller,
    struct octets *why)
{
	int64_t expires;

	if (caller->ca.path != NULL) {
		if (!use_roots(context, &caller->ca, why)) {
			return false;
		}
	} else if (SSL_CTX_set_default_verify_paths(context) != 1) {
		octets_printf(why, "the system's CA certificates cannot be "
				   "read");
		return false;
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	return caller->certificate.path == NULL ||
	       use_pair(context, &caller->certificate, &caller->key, &expires,
		   why);
}

struct tls *
tls_new_caller(const struct tls_caller *caller, struct octets *why)
{
	struct tls *tls = mem_zero(1, sizeof(*tls));

	tls->context = new_context(TLS_client_method());
	tls->host = mem_text(caller->host);
	if (!prepare_caller(tls->context, caller, why)) {
		tls_free(tls);
		return NULL;
	}
	return tls;
}

/* Only subjectAltNames count (RFC 8210 9.2): a common name is none. */
struct bufferevent *
tls_call(struct tls *tls, struct event_base *base, int fd)
{
	SSL *ssl = SSL_new(tls->context);
	X509_VERIFY_PARAM *param;
	bool address;

	if (ssl == NULL) {
		return NULL;
	}
	param = SSL_get0_param(ssl);
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
		X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	address = X509_VERIFY_PARAM_set1_ip_asc(param, tls->host) == 1;
	ERR_clear_error();
	if (!address &&
	    (X509_VERIFY_PARAM_set1_host(param, tls->host, 0) != 1 ||
		SSL_set_tlsext_host_name(ssl, tls->host) != 1)) {
		SSL_free(ssl);
		return NULL;
	}
	return wrap(ssl, base, fd, BUFFEREVENT_SSL_CONNECTING);
}
