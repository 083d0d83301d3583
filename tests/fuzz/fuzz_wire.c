/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever the engine sends must not hurt the server. The first octet is the
 * type; more frames follow each other as on the wire.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "payload/wire.h"
#include "tests/fuzz/over.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
read_report(struct bytes body, struct arena *arena)
{
	struct octets again = { .at = NULL };
	struct report report;
	bool good = wire_read_report(&report, body, arena);

	if (good) {
		wire_put_report(&again, &report);
		assert(bytes_equal(octets_bytes(&again), body));
	}
	octets_clear(&again);
	return good;
}

static bool
read_message(uint8_t type, struct bytes body, struct arena *arena)
{
	struct wire_progress progress;
	struct wire_inspect inspect;
	struct wire_look look;
	struct wire_seal seal;

	switch (type) {
	case WIRE_PROGRESS:
		return wire_read_progress(&progress, body);
	case WIRE_SEAL:
		return wire_read_seal(&seal, body);
	case WIRE_INSPECT:
		return wire_read_inspect(&inspect, body);
	case WIRE_LOOK:
		return wire_read_look(&look, body, arena);
	case WIRE_REPORT:
		return read_report(body, arena);
	default:
		return true;
	}
}

static void
put_some_report(struct octets *out)
{
	const struct report_span asns = { REPORT_SPAN_AS, { 0, 0, 0, 5 },
		{ 0, 0, 0, 7 } };
	struct report_ta ta = { .name = "alpha", .awaited = { 1, &asns } };
	struct report_repository repository = { .uri = "rsync://r/m/" };
	struct report_finding finding = { .fault = FAULT_DER_TAG,
		.uri = "rsync://r/m/x" };
	struct report_point points[] = {
		{ .name = 11, .parent = REPORT_NO_POINT },
		{ .name = 12, .repository = UINT16_MAX },
	};
	const struct report_span span = { IP_V4, { 10 }, { 10, 2, 3, 255 } };
	struct report_ground ground = { .uri = "rsync://r/m/a.mft",
		.count = 1,
		.spans = &span };
	const struct report report = { .ta_count = 1,
		.tas = &ta,
		.repository_count = 1,
		.repositories = &repository,
		.finding_count = 1,
		.findings = &finding,
		.point_count = 2,
		.points = points,
		.ground_count = 1,
		.grounds = &ground };

	wire_put_report(out, &report);
}

static void
put_some(struct octets *out, uint8_t type)
{
	const struct wire_progress progress = {
		.fetch_count = 2,
		.fetches = { { .uri = "rsync://r/m/" },
		    { .uri = "https://r" } },
	};
	const struct wire_look look = { .name = "x.roa", .in_hand = true };

	switch (type) {
	case WIRE_PROGRESS:
		wire_put_progress(out, &progress);
		break;
	case WIRE_SEAL:
		wire_put_seal(out, &(struct wire_seal){ .vrps = 1 });
		break;
	case WIRE_INSPECT:
		wire_put_inspect(out, &(struct wire_inspect){ 0 });
		break;
	case WIRE_LOOK:
		wire_put_look(out, &look);
		break;
	default:
		put_some_report(out);
		break;
	}
}

/* The input laid over a message that is in order, of each type that has one. */
static void
lay_over_messages(struct bytes in, struct arena *arena)
{
	static const uint8_t types[] = { WIRE_PROGRESS, WIRE_SEAL, WIRE_INSPECT,
		WIRE_LOOK, WIRE_REPORT };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct octets good = { .at = NULL };

		put_some(&good, types[i]);
		assert(read_message(types[i], octets_bytes(&good), arena));
		over_lay(&good, in);
		(void)read_message(types[i], octets_bytes(&good), arena);
		octets_clear(&good);
	}
}

static int
swallow(void *arg, enum wire type, struct bytes body)
{
	const struct frame frame = { .type = (uint8_t)type, .body = body };

	assert(wire_feed(arg, &frame));
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
			(void)read_message(frame.type, frame.body, arena);
			(void)wire_feed(builder, &frame);
		}
	}
	lay_over_messages(bytes_of(data, size), arena);
	/* What was taken can be sealed, sent and taken again. */
	snapshot = builder_seal(builder);
	(void)wire_put_snapshot(snapshot, swallow, second);
	snapshot_put(snapshot);
	snapshot_put(builder_seal(second));
	arena_free(arena);
	return 0;
}
