/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_frame - octets from a broken peer; the first says in what pieces. */
#include <errno.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/frame.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool held)
{
	if (!held) {
		abort();
	}
}

/* Read a body in the ways a decoder would. */
static void
read_body(struct bytes body, struct arena *arena)
{
	struct cursor c = cursor_open(body);
	size_t count = cursor_count(&c, 4);

	for (size_t i = 0; i < count; i++) {
		(void)cursor_u32(&c);
	}
	(void)cursor_text(&c, arena);
	(void)cursor_run(&c);
	(void)cursor_u64(&c);
	(void)cursor_u16(&c);
	demand(!c.bad || cursor_left(&c) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct frame_reader reader = { 0 };
	struct frame frame;
	size_t piece = size > 0 ? (size_t)data[0] + 1 : 1;
	size_t handed_out = 0;
	int rc = 0;

	for (size_t at = 1; at < size && rc >= 0; at += piece) {
		octets_add(&reader.buffer, data + at,
		    size - at < piece ? size - at : piece);
		while ((rc = frame_next(&reader, &frame)) == 1) {
			demand(frame.body.len <= LIMIT_FRAME);
			handed_out += 5 + frame.body.len;
			read_body(frame.body, arena);
		}
		demand(rc == 0 || rc == -EPROTO);
	}
	demand(handed_out <= size && handed_out == reader.used);
	frame_clear(&reader);
	arena_free(arena);
	return 0;
}
