/* SPDX-License-Identifier: BSD-2-Clause */
/* listen - see listen.h. */
#include "daemon/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

enum { PORT_TEXT = 16, PRIVILEGED = 1024 };

/* --- reading */

struct parts {
	char host[LISTEN_HOST];
	char port[PORT_TEXT];
	bool bracketed;
};

static bool
copy(char *out, size_t room, struct bytes from)
{
	if (from.len >= room || memchr(from.at, '\0', from.len) != NULL) {
		return false;
	}
	memcpy(out, from.at, from.len);
	out[from.len] = '\0';
	return true;
}

/* HOST, HOST:PORT, [HOST], [HOST]:PORT; a bare IPv6 address is a HOST. */
static bool
split(struct parts *parts, const char *where)
{
	struct bytes all = text_bytes(where);
	const char *colon = strrchr(where, ':');
	const char *end = strrchr(where, ']');
	struct bytes host = all, port = bytes_of(where, 0);

	*parts = (struct parts){ .bracketed = where[0] == '[' };
	if (parts->bracketed) {
		if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
			return false;
		}
		host = bytes_of(where + 1, (size_t)(end - where) - 1);
		if (end[1] == ':') {
			port = text_bytes(end + 2);
		}
	} else if (colon != NULL && strchr(where, ':') == colon) {
		host = bytes_of(where, (size_t)(colon - where));
		port = text_bytes(colon + 1);
	}
	return copy(parts->host, sizeof(parts->host), host) &&
	       copy(parts->port, sizeof(parts->port), port);
}

bool
listen_host(const char *where, char host[LISTEN_HOST])
{
	struct parts parts;

	if (!split(&parts, where) || parts.host[0] == '\0') {
		return false;
	}
	memcpy(host, parts.host, LISTEN_HOST);
	return true;
}

/* What the operator may have meant. */
static void
hint(struct octets *why, const struct parts *parts)
{
	const char *port = parts->port[0] != '\0' ? parts->port : "3323";
	uint64_t number;

	if (parts->host[0] == '\0' || strcmp(parts->host, "*") == 0) {
		octets_printf(why,
		    "; for every address say 0.0.0.0:%s and [::]:%s", port,
		    port);
	} else if (strcmp(parts->host, "localhost") == 0) {
		octets_printf(why, "; say 127.0.0.1:%s or [::1]:%s", port,
		    port);
	} else if (strchr(parts->host, ':') != NULL && !parts->bracketed) {
		octets_printf(why,
		    "; an IPv6 address stands in brackets: [2001:db8::1]:%s",
		    port);
	} else if (parts->port[0] == '\0') {
		octets_printf(why, "; the port is missing");
	} else if (!text_uint(text_bytes(port), 65535, &number) ||
		   number == 0) {
		octets_printf(why, "; a port is a number from 1 to 65535");
	} else {
		octets_printf(why,
		    "; names are not looked up, so say the address");
	}
}

bool
listen_parse(struct listen_address *address, const char *where,
    struct octets *why)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	struct parts parts = { 0 };
	uint64_t port;

	/* The C library takes * for any address: which, is not said. */
	if (split(&parts, where) && parts.host[0] != '\0' &&
	    strcmp(parts.host, "*") != 0 &&
	    text_uint(text_bytes(parts.port), 65535, &port) && port > 0 &&
	    (strchr(parts.host, ':') == NULL || parts.bracketed) &&
	    getaddrinfo(parts.host, parts.port, &hints, &found) == 0) {
		memcpy(&address->at, found->ai_addr, found->ai_addrlen);
		address->len = found->ai_addrlen;
		freeaddrinfo(found);
		return true;
	}
	octets_printf(why, "`");
	text_escape(why, text_bytes(where));
	octets_printf(why, "` is not ADDRESS:PORT");
	hint(why, &parts);
	return false;
}

/* --- opening */

static void
say_error(struct octets *why, const char *where, int error)
{
	const char *colon = strrchr(where, ':');
	const char *port = colon != NULL ? colon + 1 : "";

	octets_printf(why, "cannot listen on %s: %s", where, strerror(error));
	if (error == EADDRINUSE) {
		octets_printf(why, "; `ss -ltnp sport = :%s` shows by whom",
		    port);
	} else if (error == EADDRNOTAVAIL) {
		octets_printf(why, "; no interface has this address (now)");
	} else if (error == EACCES || error == EPERM) {
		octets_printf(why,
		    "; a port below %d wants CAP_NET_BIND_SERVICE, or a "
		    "socket of systemd",
		    PRIVILEGED);
	}
}

static bool
bind_to(int fd, const struct listen_address *address)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
		return false;
	}
	if (address->at.ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) {
		return false;
	}
	return bind(fd, (const struct sockaddr *)&address->at, address->len) ==
		   0 &&
	       listen(fd, SOMAXCONN) == 0;
}

int
listen_open(const char *where, struct octets *why)
{
	struct listen_address address = { 0 };
	int fd;

	if (!listen_parse(&address, where, why)) {
		return -1;
	}
	fd = socket(address.at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind_to(fd, &address)) {
		return fd;
	}
	say_error(why, where, errno);
	if (fd >= 0) {
		close(fd);
	}
	return -1;
}

static bool
local_address(struct sockaddr_un *un, const char *path, struct octets *why)
{
	*un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(un->sun_path)) {
		octets_printf(why,
		    "%s: a socket's path may have %zu octets at most", path,
		    sizeof(un->sun_path) - 1);
		return false;
	}
	memcpy(un->sun_path, path, strlen(path));
	return true;
}

/* Does somebody listen there? */
static bool
answered(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool there = fd >= 0 && (connect(fd, (const struct sockaddr *)un,
				     sizeof(*un)) == 0 ||
				    errno == EAGAIN);

	if (fd >= 0) {
		close(fd);
	}
	return there;
}

int
listen_local(const char *path, struct octets *why)
{
	struct sockaddr_un un;
	struct stat st;
	int fd;

	if (!local_address(&un, path, why)) {
		return -1;
	}
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode)) {
			octets_printf(why, "%s: there is a file of this name",
			    path);
			return -1;
		}
		if (answered(&un)) {
			octets_printf(why, "%s: another program listens there",
			    path);
			return -1;
		}
		(void)unlink(path);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&un, sizeof(un)) == 0 &&
	    chmod(path, 0660) == 0 && listen(fd, SOMAXCONN) == 0) {
		return fd;
	}
	octets_printf(why, "cannot listen on %s: %s", path, strerror(errno));
	if (fd >= 0) {
		close(fd);
	}
	return -1;
}

/* --- calling */

/* False, with errno: not in the caller's time. */
static bool
reach(const struct listen_call *call, int fd, const struct sockaddr *to,
    socklen_t len)
{
	struct timeval most = { .tv_sec = call->seconds };

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
	if (connect(fd, to, len) == 0) {
		return true;
	}
	if (errno == EINPROGRESS || errno == EAGAIN) {
		errno = ETIMEDOUT;
	}
	return false;
}

static int
call_local(const struct listen_call *call, struct octets *why)
{
	struct sockaddr_un un;
	int fd;

	if (!local_address(&un, call->where, why)) {
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && reach(call, fd, (struct sockaddr *)&un, sizeof(un))) {
		return fd;
	}
	octets_printf(why, "cannot connect to %s: %s", call->where,
	    strerror(errno));
	if (fd >= 0) {
		close(fd);
	}
	return -1;
}

/* The first address that answers; why it was none of them. */
static int
call_any(const struct listen_call *call, const struct addrinfo *found,
    const struct parts *parts, struct octets *why)
{
	bool said = parts->port[0] != '\0';

	for (const struct addrinfo *a = found; a != NULL; a = a->ai_next) {
		int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

		octets_reset(why);
		if (fd >= 0 &&
		    (call->prepare == NULL ||
			call->prepare(call->arg, fd, a->ai_addr, why)) &&
		    reach(call, fd, a->ai_addr, a->ai_addrlen)) {
			return fd;
		}
		if (why->len == 0) {
			octets_printf(why, "cannot connect to %s%s%s: %s",
			    call->where, said ? "" : ", port ",
			    said ? "" : call->port, strerror(errno));
		}
		if (fd >= 0) {
			close(fd);
		}
	}
	return -1;
}

int
listen_call(const struct listen_call *call, struct octets *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	struct parts parts;
	int fd, rc;

	if (call->where[0] == '/') {
		return call_local(call, why);
	}
	if (!split(&parts, call->where) || parts.host[0] == '\0' ||
	    (parts.port[0] == '\0' && call->port == NULL)) {
		octets_printf(why, "`");
		text_escape(why, text_bytes(call->where));
		octets_printf(why, "` is not HOST:PORT");
		return -1;
	}
	rc = getaddrinfo(parts.host,
	    parts.port[0] != '\0' ? parts.port : call->port, &hints, &found);
	if (rc != 0) {
		octets_printf(why, "%s: %s", call->where, gai_strerror(rc));
		return -1;
	}
	fd = call_any(call, found, &parts, why);
	freeaddrinfo(found);
	return fd;
}
