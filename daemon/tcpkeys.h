/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpkeys - secrets by which TCP itself knows its peers: TCP-MD5 (RFC 2385) and
 * TCP-AO (RFC 5925), as Linux has them.
 *
 * A file has a line for each peer or prefix of peers; # begins a comment:
 *
 *	MD5:  PREFIX KEY
 *	AO:   PREFIX SEND-ID RECEIVE-ID ALGORITHM KEY
 *
 * A key is printable text, up to 80 octets, or hex: and hexadecimal digits.
 */
#pragma once

#include <stdbool.h>

#include "base/octets.h"

enum tcpkeys_kind { TCPKEYS_MD5, TCPKEYS_AO };

struct tcpkeys;

/* NULL, with *why naming the line, when something is not good. */
struct tcpkeys *tcpkeys_read(enum tcpkeys_kind kind, const char *path,
    struct octets *why);
/* The same from octets; `path` is for complaints. */
struct tcpkeys *tcpkeys_parse(enum tcpkeys_kind kind, const char *path,
    struct bytes text, struct octets *why);
void tcpkeys_free(struct tcpkeys *keys); /* NULL is fine */

size_t tcpkeys_count(const struct tcpkeys *keys);

/*
 * Arm a socket, listening or about to connect, with the keys of its family.
 * False, with *why, where the kernel cannot or will not.
 */
bool tcpkeys_arm(const struct tcpkeys *keys, int fd, struct octets *why);

/* Take them from the socket again. */
void tcpkeys_disarm(const struct tcpkeys *keys, int fd);
