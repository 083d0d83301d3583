/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen - the sockets on which kedge is reached, and how it reaches others.
 *
 * Complaints name what was said and what to do.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/octets.h"

struct listen_address {
	struct sockaddr_storage at;
	socklen_t len;
};

/*
 * ADDRESS:PORT or [ADDRESS]:PORT. Names are not looked up: which address is
 * listened on should not depend on somebody's DNS.
 */
bool listen_parse(struct listen_address *address, const char *where,
    struct octets *why);

/* A bound, listening socket, or -1. IPv6 sockets are for IPv6 alone. */
int listen_open(const char *where, struct octets *why);

/*
 * A listening socket in the file system, for the user and the group of the
 * folder. One that nobody listens on any more is replaced.
 */
int listen_local(const char *path, struct octets *why);

/* Connect to HOST:PORT, here with names, or to the path of a local socket; the
 * port may be missing where `port` is given. Blocks. -1: could not. */
struct listen_call {
	const char *where;
	const char *port; /* NULL: must be said */
	unsigned seconds; /* for each address; 0: as long as the system has */
	/* Before each try, with the address; may be NULL. False: why is set. */
	bool (*prepare)(void *arg, int fd, const struct sockaddr *to,
	    struct octets *why);
	void *arg;
};
int listen_call(const struct listen_call *call, struct octets *why);

/* HOST out of HOST:PORT, [HOST]:PORT or HOST, into `host`. False: too long, or
 * no host at all. */
enum { LISTEN_HOST = 256 };
bool listen_host(const char *where, char host[LISTEN_HOST]);
