/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer - one router that is connected: hears, answers, is told and is cut.
 *
 * It costs a cursor into shared streams and a KiB or two of its own; what the
 * router sends waits in the kernel while it has not taken what it asked for.
 * Within rtr/ only: server.h is for the others.
 */
#pragma once

#include "rtr/lull.h"
#include "rtr/server.h"

struct peer;

/* What a server lends to its peers; outlives them. */
struct peer_host {
	const struct server_config *config;
	struct server_count *count;
	struct lull *complaints; /* about what routers send */
	struct lull *reports;    /* what they report */
	/* It is over: free the peer. Called as the last thing it does. */
	void (*gone)(void *of);
};

/* What is waited for, and not for ever. */
enum peer_wait {
	PEER_NOTHING, /* it may ask when it likes */
	PEER_HELLO,   /* handshake, first query or the rest of one */
	PEER_ANSWER,  /* it takes what it asked for */
	PEER_PARTING, /* all was said; it hangs up */
	PEER_WAITS
};

/* `of` is for gone(); the address is lent. Owns the fd from now on; NULL when
 * it cannot be wrapped, with the fd closed. */
struct peer *peer_new(const struct peer_host *host, void *of, int fd,
    const struct server_transport *transport, const char *address);
void peer_free(struct peer *peer); /* closes at once; NULL is fine */

/* There is a new serial. */
void peer_notify(struct peer *peer);

/* What is owed may be there. May be the last thing it does. */
void peer_continue(struct peer *peer);

/* Say why, to those whose version has a word for it, and hang up when that was
 * sent. */
void peer_part(struct peer *peer, enum pdu_error why);

/* Was everything sent that it is to hear? */
bool peer_parted(const struct peer *peer);

void peer_view(const struct peer *peer, struct server_client *view);
