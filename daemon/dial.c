/* SPDX-License-Identifier: BSD-2-Clause */
/* dial - see dial.h. */
#include "daemon/dial.h"

#include <event2/bufferevent.h>
#include <event2/util.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/slurp.h"
#include "daemon/listen.h"
#include "daemon/tcpkeys.h"
#include "daemon/tls.h"

enum { PEM_MOST = 1 << 20 };

struct dial {
	const char *where;
	struct tls *tls;          /* NULL: without */
	struct tcpkeys *md5, *ao; /* NULL: none of this kind */
};

/* --- what the settings name */

static bool
read_pem(struct tls_pem *pem, struct octets *text, const char *path,
    struct octets *why)
{
	if (path != NULL && !slurp_soon(text, path, PEM_MOST, why)) {
		return false;
	}
	*pem = (struct tls_pem){ path, octets_bytes(text) };
	return true;
}

static bool
read_tls(struct dial *dial, const struct setting *at, struct octets *why)
{
	struct octets ca = { 0 }, certificate = { 0 }, key = { 0 };
	struct tls_caller caller = { .host = at[SET_TLS_NAME].text };
	char host[LISTEN_HOST];

	if (caller.host == NULL && listen_host(dial->where, host)) {
		caller.host = host;
	}
	if (caller.host == NULL) {
		octets_printf(why,
		    "%s: no host to compare with the "
		    "certificate; say --tls-name",
		    dial->where);
	} else if ((at[SET_TLS_CERT].text == NULL) !=
		   (at[SET_TLS_KEY].text == NULL)) {
		octets_printf(why, "--tls-cert and --tls-key go together");
	} else if (read_pem(&caller.ca, &ca, at[SET_TLS_CA].text, why) &&
		   read_pem(&caller.certificate, &certificate,
		       at[SET_TLS_CERT].text, why) &&
		   read_pem(&caller.key, &key, at[SET_TLS_KEY].text, why)) {
		dial->tls = tls_new_caller(&caller, why);
	}
	octets_clear(&ca);
	octets_clear(&certificate);
	octets_clear(&key);
	return dial->tls != NULL;
}

/* True where none are named. */
static bool
read_keys(struct tcpkeys **keys, enum tcpkeys_kind kind, const char *path,
    struct octets *why)
{
	*keys = path == NULL ? NULL : tcpkeys_read(kind, path, why);
	return path == NULL || *keys != NULL;
}

struct dial *
dial_new(const char *where, const struct settings *all, struct octets *why)
{
	const struct setting *at = all->at;
	struct dial *dial = mem_zero(1, sizeof(*dial));

	dial->where = where;
	if (read_keys(&dial->md5, TCPKEYS_MD5, at[SET_RTR_MD5_KEYS].text,
		why) &&
	    read_keys(&dial->ao, TCPKEYS_AO, at[SET_RTR_AO_KEYS].text, why) &&
	    (!setting_on(all, SET_TLS) || read_tls(dial, at, why))) {
		return dial;
	}
	dial_free(dial);
	return NULL;
}

void
dial_free(struct dial *dial)
{
	if (dial == NULL) {
		return;
	}
	tls_free(dial->tls);
	tcpkeys_free(dial->md5);
	tcpkeys_free(dial->ao);
	free(dial);
}

/* --- the connection */

static bool
arm(void *arg, int fd, const struct sockaddr *to, struct octets *why)
{
	struct dial *dial = arg;

	(void)to;
	return (dial->md5 == NULL || tcpkeys_arm(dial->md5, fd, why)) &&
	       (dial->ao == NULL || tcpkeys_arm(dial->ao, fd, why));
}

struct bufferevent *
dial_call(struct dial *dial, struct event_base *base, struct octets *why)
{
	struct listen_call call = {
		.where = dial->where,
		.port = dial->tls != NULL ? "324" : "323",
		.prepare = arm,
		.arg = dial,
	};
	struct bufferevent *event;
	int fd = listen_call(&call, why);
	int on = 1;

	if (fd < 0) {
		return NULL;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)evutil_make_socket_nonblocking(fd);
	event = dial->tls != NULL
		    ? tls_call(dial->tls, base, fd)
		    : bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (event == NULL) {
		close(fd);
		octets_printf(why, "%s: TLS cannot be set up", dial->where);
	}
	return event;
}

void
dial_explain(struct dial *dial, struct bufferevent *event, char *text,
    size_t size)
{
	text[0] = '\0';
	if (dial->tls != NULL) {
		tls_explain(dial->tls, event, text, size);
	}
}
