/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * credentials - what one end of a connection shows the other and asks of it:
 * certificates and keys of TLS, and the keys of TCP-MD5 and TCP-AO, from the
 * files that the settings name.
 */
#pragma once

#include <stdbool.h>

#include "daemon/setting.h"
#include "daemon/tcpkeys.h"
#include "daemon/tls.h"

/* Each is NULL where it is not wanted. */
struct credentials {
	struct tls *routers, *people; /* of a server's doors */
	struct tls *cache;            /* of who calls one */
	struct tcpkeys *md5, *ao;
};

/*
 * Read a server's files, for TLS those of the sides that have a door with it.
 * False and *why, empty at first, when one cannot be used; what was read until
 * then is in there.
 */
bool credentials_read(struct credentials *to, const struct setting *at,
    bool routers, bool people, struct octets *why);
/* The same of keys of TCP alone; of TLS alone, to call a cache of this host. */
bool credentials_keys(struct credentials *to, const struct setting *at,
    struct octets *why);
bool credentials_call(struct credentials *to, const struct setting *at,
    const char *host, struct octets *why);
void credentials_clear(struct credentials *all);

/* Give a socket, listening or about to connect, its keys of TCP, and take them
 * from it. */
bool credentials_arm(const struct credentials *all, int fd, struct octets *why);
void credentials_disarm(const struct credentials *all, int fd);
