/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame - messages between the two programs over a stream socket.
 *
 *	type (1 octet)  length (4, network order)  payload
 *
 * A frame longer than LIMIT_FRAME is a broken peer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/octets.h"

struct frame {
	uint8_t type;
	struct bytes body; /* lent: until the next call */
};

/* Write one whole frame to a blocking descriptor. 0 or -errno. */
int frame_send(int fd, uint8_t type, struct bytes body);

/* Reader: feeds on what arrives, hands out whole frames. */
struct frame_reader {
	struct octets buffer;
	size_t used; /* octets of buffer already handed out */
};

/* Read once from fd into the reader. 1 more came, 0 end, -errno (-EAGAIN). */
int frame_fill(struct frame_reader *reader, int fd);
/* 1: *frame is set; 0: needs more; -EPROTO: the peer is broken. */
int frame_next(struct frame_reader *reader, struct frame *frame);
void frame_clear(struct frame_reader *reader);
