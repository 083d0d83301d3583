/* SPDX-License-Identifier: BSD-2-Clause */
/* request - see request.h. */
#include "validator/request.h"

#include <errno.h>

#include "base/cursor.h"

/* Wait for one whole frame. False when the peer is gone or broken. */
static bool
next_frame(struct request *r, struct frame *frame)
{
	for (;;) {
		int rc = frame_next(&r->reader, frame);

		if (rc != 0) {
			return rc == 1;
		}
		rc = frame_fill(&r->reader, r->fd);
		if (rc <= 0 && rc != -EAGAIN && rc != -EINTR) {
			return false;
		}
	}
}

static bool
read_policy(struct request *r, struct bytes in)
{
	return policy_decode(&r->policy, arena_copy(r->arena, in), r->arena);
}

/* INSPECT carries the policy as a run, then what to look at. */
static bool
read_inspect(struct request *r, struct bytes body)
{
	struct cursor c = cursor_open(arena_copy(r->arena, body));
	struct bytes policy = cursor_run(&c);
	struct bytes rest = cursor_take(&c, cursor_left(&c));

	r->inspect = true;
	return !c.bad && read_policy(r, policy) &&
	       wire_read_inspect(&r->wanted, rest);
}

bool
request_read(struct request *r)
{
	struct frame frame;

	if (!next_frame(r, &frame)) {
		return false;
	}
	if (frame.type == WIRE_INSPECT) {
		return read_inspect(r, frame.body);
	}
	return frame.type == WIRE_RUN && read_policy(r, frame.body);
}

bool
request_look(struct request *r, struct wire_look *look, struct arena *arena)
{
	struct frame frame;

	return next_frame(r, &frame) && frame.type == WIRE_LOOK &&
	       wire_read_look(look, frame.body, arena);
}

bool
request_stops(struct request *r)
{
	struct frame frame;
	int rc = frame_fill(&r->reader, r->fd);
	bool stop = rc <= 0 && rc != -EAGAIN && rc != -EINTR;

	while (frame_next(&r->reader, &frame) == 1) {
		stop |= frame.type == WIRE_STOP;
	}
	return stop;
}
