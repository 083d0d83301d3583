/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parley - how much a server may say within TLS itself.
 *
 * OpenSSL takes messages of a handshake, also those that come after it (session
 * tickets, new keys, wishes for another handshake), in one loop for as long as
 * there are more: a server that sends them faster than they are taken would
 * keep whoever reads, past every time that was set. So they are counted, and
 * beyond a number nothing is read from the connection any more.
 */
#pragma once

#include <stdbool.h>

struct parley {
	unsigned most;
	unsigned heard; /* messages; the owner begins anew when it likes */
};

/* Count what the connections of an SSL_CTX hear. Outlives them. */
void parley_watch(struct parley *parley, void *ssl_ctx);

/* Has one been given up for it? */
bool parley_over(const struct parley *parley);
