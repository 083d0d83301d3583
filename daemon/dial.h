/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dial - the way to the cache that `kedge rtr` asks: TCP, with keys of TCP or
 * with TLS (RFC 8210 9), as the settings say.
 */
#pragma once

#include <stddef.h>

#include "base/octets.h"
#include "daemon/setting.h"

struct bufferevent;
struct event_base;
struct dial;

/* `where` is HOST, HOST:PORT or a local socket, and lent for as long as this
 * lives. Reads keys and certificates. NULL, with *why: not good. */
struct dial *dial_new(const char *where, const struct settings *all,
    struct octets *why);
void dial_free(struct dial *dial); /* NULL is fine */

/* A connection, for the caller to free; TLS may still be on its way. Blocks
 * while it connects. NULL, with *why: it could not be made. */
struct bufferevent *dial_call(struct dial *dial, struct event_base *base,
    struct octets *why);

/* Why TLS ended it; "" where that was not the reason. */
void dial_explain(struct dial *dial, struct bufferevent *event, char *text,
    size_t size);
