/* SPDX-License-Identifier: BSD-2-Clause */
/* dial - see dial.h. */
#include "daemon/dial.h"

#include <event2/bufferevent.h>
#include <event2/util.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/credentials.h"
#include "daemon/listen.h"

struct dial {
	const char *where;
	unsigned seconds; /* for a connection */
	struct credentials credentials;
};

/* TLS compares a host with the certificate: what was said, or is called. */
static bool
read_tls(struct dial *dial, const struct setting *at, struct octets *why)
{
	const char *name = at[SET_TLS_NAME].text;
	char host[LISTEN_HOST];

	if (name == NULL && listen_host(dial->where, host)) {
		name = host;
	}
	if (name == NULL) {
		octets_printf(why,
		    "%s: no host to compare with the "
		    "certificate; say --tls-name",
		    dial->where);
		return false;
	}
	return credentials_call(&dial->credentials, at, name, why);
}

struct dial *
dial_new(const char *where, const struct settings *all, struct octets *why)
{
	struct dial *dial = mem_zero(1, sizeof(*dial));

	dial->where = where;
	dial->seconds = (unsigned)all->at[SET_TIMEOUT].number;
	if (credentials_keys(&dial->credentials, all->at, why) &&
	    (!setting_on(all, SET_TLS) || read_tls(dial, all->at, why))) {
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
	credentials_clear(&dial->credentials);
	free(dial);
}

static bool
arm(void *arg, int fd, const struct sockaddr *to, struct octets *why)
{
	struct dial *dial = arg;

	(void)to;
	return credentials_arm(&dial->credentials, fd, why);
}

struct bufferevent *
dial_call(struct dial *dial, struct event_base *base, struct octets *why)
{
	struct tls *tls = dial->credentials.cache;
	struct listen_call call = {
		.where = dial->where,
		.port = tls != NULL ? "324" : "323",
		.seconds = dial->seconds,
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
	event = tls != NULL
		    ? tls_call(tls, base, fd)
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
	if (dial->credentials.cache != NULL) {
		tls_explain(dial->credentials.cache, event, text, size);
	}
}
