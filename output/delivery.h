/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delivery - one answer on its way to a client, whole or piece by piece.
 *
 * Head and chunks are written here (RFC 9112); a body is lent to the output,
 * a slice at a time, so that a thousand clients cost one body and no buffers.
 * Within output/ only.
 */
#pragma once

#include "output/response.h"

struct bufferevent;

struct delivery {
	struct bufferevent *event; /* lent */
	uint64_t *octets;          /* counts what is put out; lent */
	bool last; /* the connection ends with it: set by either side */
	bool more; /* it is a piece, and others follow */

	/* Its own. */
	bool begun;                  /* the head has gone */
	bool chunks;                 /* pieces go as chunks */
	const struct response *body; /* not all of it is put out; a reference */
	size_t out;                  /* octets of it that are */
};

/* As it is, for what goes before an answer. */
void delivery_text(struct delivery *delivery, const char *text);

/* The answer to a request with this head, or the next piece of it. */
void delivery_put(struct delivery *delivery, const struct response *response,
    const struct head *head);

/* To be called when what was put out has left, for the next slice. False: all
 * of it has left. */
bool delivery_goes_on(struct delivery *delivery);

/* Octets that are still to leave. */
size_t delivery_left(const struct delivery *delivery);

/* Ready for the next answer. */
void delivery_clear(struct delivery *delivery);

/* Nothing more leaves: memory is given back at once, and not when the loop
 * comes by to let go of its buffers. */
void delivery_drop(struct delivery *delivery);
