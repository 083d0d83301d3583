/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * request - what kedge asks of this engine, and when it asks it to stop.
 */
#pragma once

#include <stdbool.h>

#include "payload/wire.h"

struct request {
	int fd;
	struct arena *arena; /* everything read lands here */
	struct frame_reader reader;
	struct policy policy;
	bool inspect; /* not a run: look at objects, one after the other */
	struct wire_inspect wanted;
};

/* Wait for the whole request. False when the peer is gone or talks nonsense;
 * fd and arena are the caller's to set. */
bool request_read(struct request *r);

/* Wait for the next object to look at; false: there are no more. The octets
 * are lent until the next call, the name is the arena's. */
bool request_look(struct request *r, struct wire_look *look,
    struct arena *arena);

/* Something can be read: does it ask to stop, or is the peer gone? */
bool request_stops(struct request *r);
