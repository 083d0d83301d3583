/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls - the door to OpenSSL's TLS: for routers and browsers that come, and for
 * the cache that `kedge rtr` calls.
 *
 * TLS 1.2 and later. A server's files are looked at as a whole before anything
 * of them is used: what is not good changes nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/octets.h"

struct bufferevent;
struct event_base;
struct tls;

/* PEM, and the name of the file it came from, for complaints. */
struct tls_pem {
	const char *path; /* NULL: there is none */
	struct bytes text;
};

enum tls_clients {
	TLS_CLIENTS_ANY,     /* no certificate is asked for */
	TLS_CLIENTS_REQUEST, /* one that is shown must be good */
	TLS_CLIENTS_REQUIRE,
};

enum tls_names {
	TLS_NAMES_ANY,
	/* A client's certificate has an iPAddress name that is the address it
	 * comes from (RFC 8210 9.2). */
	TLS_NAMES_ADDRESS,
};

struct tls_offer {
	struct tls_pem certificate; /* the server's first, then its chain */
	struct tls_pem key;
	/* Who may have signed a client's certificate; CRLs may be among them
	 * and then each must have one. */
	struct tls_pem client_ca;
	enum tls_clients clients;
	enum tls_names names;
};

/* NULL, with *why, when something is not good. `now` is wall time. */
struct tls *tls_new(const struct tls_offer *offer, int64_t now,
    struct octets *why);

/* The same for a server that runs: false leaves everything as it was. Clients
 * that are connected stay. */
bool tls_replace(struct tls *tls, const struct tls_offer *offer, int64_t now,
    struct octets *why);
void tls_free(struct tls *tls); /* NULL is fine */

/* When the server's certificate ends. */
int64_t tls_expires(const struct tls *tls);

/* As server_transport wants them; `tls` is the argument, `fd` connected. */
struct bufferevent *tls_wrap(void *tls, struct event_base *base, int fd);
void tls_finish(void *tls, struct bufferevent *event);
void tls_explain(void *tls, struct bufferevent *event, char *text, size_t size);

/* --- calling */

struct tls_caller {
	const char *host;           /* must be a dNSName or iPAddress of it */
	struct tls_pem ca;          /* without: the system's */
	struct tls_pem certificate; /* ours; may be missing */
	struct tls_pem key;
};
struct tls *tls_new_caller(const struct tls_caller *caller, struct octets *why);
struct bufferevent *tls_call(struct tls *tls, struct event_base *base, int fd);
