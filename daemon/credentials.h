/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * credentials - what the server's doors show and ask for: certificates and
 * keys of TLS, and the keys of TCP-MD5 and TCP-AO, from the files that the
 * settings name.
 */
#pragma once

#include <stdbool.h>

#include "daemon/setting.h"
#include "daemon/tcpkeys.h"
#include "daemon/tls.h"

/* Each is NULL where it is not wanted. */
struct credentials {
	struct tls *routers, *people;
	struct tcpkeys *md5, *ao;
};

/*
 * Read the files, for TLS those of the sides that have a door with it. False
 * and *why when one cannot be used; what was read until then is in there.
 */
bool credentials_read(struct credentials *to, const struct setting *at,
    bool routers, bool people, struct octets *why);
void credentials_clear(struct credentials *all);

/* Give a listening socket its keys of TCP, and take them from it. */
bool credentials_arm(const struct credentials *all, int fd, struct octets *why);
void credentials_disarm(const struct credentials *all, int fd);
