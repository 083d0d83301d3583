/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * outlet - what leaves for one router: into the kernel at once where it can
 * be, else when the event loop finds room.
 *
 * By way of the loop a few octets are five system calls, at once they are one:
 * what a thousand routers have to be told takes half the time. At once goes
 * only the first word of a turn, so that a router with many questions lets the
 * others have their turn in between. Within rtr/ only.
 */
#pragma once

#include <stdbool.h>

#include "rtr/stream.h"

struct bufferevent;

struct outlet {
	struct bufferevent *event; /* lent */
	bool plain;                /* its octets go as they are */
	bool turn;                 /* it is, and nothing was said in it yet */
	const struct stream *rest; /* not all of it is put out; a reference */
	size_t out;                /* octets of it that are */
	struct octets later;       /* said since: they leave behind it */
};

/* It is this router's turn; it is over. */
void outlet_begin(struct outlet *outlet);
void outlet_end(struct outlet *outlet);

/* Copies what cannot leave at once; it leaves behind what was lent. */
void outlet_put(struct outlet *outlet, struct bytes octets);

/* Takes the reference; lends the stream's octets, no copy is made. All that was
 * lent before has left. */
void outlet_lend(struct outlet *outlet, const struct stream *stream);

/* What was put out has left: go on. */
void outlet_more(struct outlet *outlet);

/* Nothing more will leave. */
void outlet_clear(struct outlet *outlet);

/* Has all of it left? */
bool outlet_empty(const struct outlet *outlet);
