/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever the engine sends must not hurt the server. The first octet is the
 * type; more frames follow each other as on the wire.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "payload/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_message(uint8_t type, struct bytes body, struct arena *arena)
{
	struct wire_progress progress;
	struct wire_inspect inspect;
	struct wire_look look;
	struct wire_seal seal;
	struct report report;
	struct octets again = { .at = NULL };

	switch (type) {
	case WIRE_PROGRESS:
		(void)wire_read_progress(&progress, body);
		break;
	case WIRE_SEAL:
		(void)wire_read_seal(&seal, body);
		break;
	case WIRE_INSPECT:
		(void)wire_read_inspect(&inspect, body);
		break;
	case WIRE_LOOK:
		(void)wire_read_look(&look, body, arena);
		break;
	case WIRE_REPORT:
		if (wire_read_report(&report, body, arena)) {
			wire_put_report(&again, &report);
			if (!bytes_equal(octets_bytes(&again), body)) {
				__builtin_trap();
			}
		}
		break;
	default:
		break;
	}
	octets_clear(&again);
}

static int
swallow(void *arg, enum wire type, struct bytes body)
{
	const struct frame frame = { .type = (uint8_t)type, .body = body };

	if (!wire_feed(arg, &frame)) {
		__builtin_trap();
	}
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_open(bytes_of(data, size));
	struct arena *arena = arena_new();
	struct builder *builder = builder_new();
	struct builder *second = builder_new();
	const struct snapshot *snapshot;

	while (!c.bad && cursor_left(&c) != 0) {
		struct frame frame = { .type = cursor_u8(&c) };

		frame.body = cursor_run(&c);
		if (!c.bad) {
			read_message(frame.type, frame.body, arena);
			(void)wire_feed(builder, &frame);
		}
	}
	/* What was taken can be sealed, sent and taken again. */
	snapshot = builder_seal(builder);
	(void)wire_put_snapshot(snapshot, swallow, second);
	snapshot_put(snapshot);
	snapshot_put(builder_seal(second));
	arena_free(arena);
	return 0;
}
