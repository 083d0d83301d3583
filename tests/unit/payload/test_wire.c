/* SPDX-License-Identifier: BSD-2-Clause */
/* What one program says is what the other hears; and lies are not believed. */
#include "payload/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cursor.h"
#include "tests/unit/payload/make.h"

static const struct snapshot *
some(void)
{
	static const uint32_t providers[] = { 8, 9 };
	struct builder *builder = builder_new();
	const struct source kept = { .kind = SOURCE_CERT,
		.kept = true,
		.held = true,
		.uri = "rsync://r/m/x.cer" };
	uint8_t spki[3] = { 1, 2, 3 };
	uint32_t source;

	builder_ta(builder, "alpha");
	builder_ta(builder, "beta");
	source = make_source(builder, 1, "rsync://r/m/x.roa", 99);
	make_add(builder, "10.0.0.0/8", 24, 1);
	make_add(builder, "10.0.0.0/8", 24, 1);
	make_add(builder, "2001:db8::/32", 128, 4294967295u);
	builder_vrp(builder, &(struct vrp){ .prefix.family = IP_V4 }, source);
	builder_router_key(builder,
	    &(struct router_key){ .asn = 1, .spki = spki, .spki_len = 3 },
	    builder_source(builder, &kept));
	builder_aspa(builder,
	    &(struct aspa){ .customer = 5, .count = 2, .providers = providers },
	    source);
	return builder_seal(builder);
}

static int
hand_over(void *arg, enum wire type, struct bytes body)
{
	const struct frame frame = { .type = (uint8_t)type, .body = body };

	return wire_feed(arg, &frame) ? 0 : -1;
}

static void
carries_a_whole_set(void **state)
{
	const struct snapshot *in = some();
	struct builder *builder = builder_new();
	const struct snapshot *out;
	struct source_room room;
	char *want = make_text(in);
	char *got;

	(void)state;
	assert_int_equal(wire_put_snapshot(in, hand_over, builder), 0);
	out = builder_seal(builder);
	got = make_text(out);
	assert_string_equal(got, want);
	assert_string_equal(snapshot_ta(out, ITEM_ASPA, 0), "beta");
	snapshot_source(out, ITEM_ASPA, 0, 0, &room);
	assert_string_equal(room.source.uri, "rsync://r/m/x.roa");
	assert_int_equal(room.source.chain_not_after, 4000);
	assert_int_equal(room.source.expires, 99);
	assert_false(room.source.kept || room.source.held);
	snapshot_source(out, ITEM_ROUTER_KEY, 0, 0, &room);
	assert_int_equal(room.source.kind, SOURCE_CERT);
	assert_true(room.source.kept && room.source.held);
	free(want);
	free(got);
	snapshot_put(in);
	snapshot_put(out);
}

static int
collect(void *arg, enum wire type, struct bytes body)
{
	octets_u8(arg, (uint8_t)type);
	octets_run(arg, body);
	return 0;
}

/* With KEDGE_KEEP, a folder: what was written becomes food for fuzzers. */
static void
keep(const char *name, const struct octets *octets)
{
	const char *dir = getenv("KEDGE_KEEP");
	char path[4096];
	FILE *f;

	if (dir == NULL) {
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	fwrite(octets->at, 1, octets->len, f);
	fclose(f);
}

/* Cut short anywhere, a frame is either refused or ends between records. */
static int
cut_everywhere(void *arg, enum wire type, struct bytes body)
{
	unsigned *refused = arg;

	for (size_t len = 0; len < body.len; len++) {
		struct builder *builder = builder_new();
		const struct frame begin = { WIRE_BEGIN,
			bytes_of("\0\0\0\2\0\0\0\1a\0\0\0\1b", 14) };
		struct frame frame = { .type = (uint8_t)type,
			.body = { body.at, len } };
		struct source source = { .kind = SOURCE_ROA, .uri = "x" };

		if (type != WIRE_BEGIN) {
			assert_true(wire_feed(builder, &begin));
		}
		for (unsigned i = 0; i < 4 && type != WIRE_BEGIN; i++) {
			builder_source(builder, &source);
		}
		*refused += !wire_feed(builder, &frame);
		builder_free(builder);
	}
	return 0;
}

static void
refuses_cut_frames(void **state)
{
	const struct snapshot *in = some();
	struct octets all = { .at = NULL };
	unsigned refused = 0;

	(void)state;
	assert_int_equal(wire_put_snapshot(in, collect, &all), 0);
	assert_int_equal(wire_put_snapshot(in, cut_everywhere, &refused), 0);
	assert_true(refused > 300);
	keep("set", &all);
	octets_clear(&all);
	snapshot_put(in);
}

static bool
feed(struct builder *builder, enum wire type, struct octets *body)
{
	const struct frame frame = { (uint8_t)type, octets_bytes(body) };
	bool good = wire_feed(builder, &frame);

	octets_reset(body);
	return good;
}

static void
refuses_what_does_not_fit(void **state)
{
	const char *const tas[] = { "alpha" };
	const uint32_t providers[] = { 1 };
	struct source source = { .kind = SOURCE_ROA, .ta = 1, .uri = "x" };
	struct vrp vrp = make_vrp("10.0.0.0/8", 8, 1);
	struct aspa aspa = { 1, 1, providers };
	struct builder *builder = builder_new();
	struct octets body = { .at = NULL };

	(void)state;
	wire_put_vrp(&body, &vrp, 0);
	assert_false(feed(builder, WIRE_VRPS, &body)); /* no such source */
	wire_put_source(&body, &source);
	assert_false(feed(builder, WIRE_SOURCES, &body)); /* no such TA */
	wire_put_begin(&body, tas, 1);
	assert_true(feed(builder, WIRE_BEGIN, &body));
	wire_put_begin(&body, tas, 1);
	assert_false(feed(builder, WIRE_BEGIN, &body)); /* once only */
	wire_put_source(&body, &source);
	assert_false(feed(builder, WIRE_SOURCES, &body)); /* TA 1 of 1 */
	source.ta = 0;
	wire_put_source(&body, &source);
	body.at[0] = 16;
	assert_false(feed(builder, WIRE_SOURCES, &body)); /* kind */
	wire_put_source(&body, &source);
	assert_true(feed(builder, WIRE_SOURCES, &body));
	wire_put_aspa(&body, &aspa, 1);
	assert_false(feed(builder, WIRE_ASPAS, &body));
	wire_put_aspa(&body, &aspa, 0);
	body.at[8] = 0xff;
	assert_false(feed(builder, WIRE_ASPAS, &body)); /* count */
	wire_put_vrp(&body, &vrp, 0);
	assert_false(feed(builder, WIRE_DONE, &body));
	assert_false(feed(builder, (enum wire)200, &body));
	octets_clear(&body);
	builder_free(builder);
}

static void
carries_a_report(void **state)
{
	struct report_ta ta = { .name = "alpha", .kept = true };
	struct report_repository repo = { .kind = REPOSITORY_RSYNC,
		.state = REPO_STALE,
		.uri = "rsync://r/m/",
		.status = -1,
		.detail = "no route" };
	struct report_finding finding = { .fault = FAULT_DER_TAG,
		.uri = "rsync://r/m/x",
		.ta = 0,
		.repository = 0,
		.state = POINT_CACHED };
	struct report_point points[] = {
		{ .name = 11, .parent = REPORT_NO_POINT, .repository = 0 },
		{ .name = 12,
		    .parent = 0,
		    .repository = UINT16_MAX,
		    .state = POINT_REJECTED },
	};
	const struct report_span spans[] = {
		{ IP_V4, { 10 }, { 10, 2, 3, 255 } },
		{ IP_V6, { 0x20, 1 }, { 0x20, 1, 0xff } },
	};
	const struct report_span awaited[] = {
		{ IP_V6, { 0x20, 1 }, { 0x20, 1, 0xff } },
		{ REPORT_SPAN_AS, { 0, 0, 0, 5 }, { 0, 0, 0, 7 } },
	};
	struct report_ground ground = { .uri = "rsync://r/m/a.mft",
		.repository = UINT16_MAX,
		.state = POINT_CACHED,
		.coarse = true,
		.count = 2,
		.spans = spans };
	struct report in = { .started = 1,
		.finished = -2,
		.ta_count = 1,
		.tas = &ta,
		.repository_count = 1,
		.repositories = &repo,
		.finding_count = 1,
		.findings = &finding,
		.findings_lost = 7,
		.point_count = 2,
		.points = points,
		.points_lost = 8,
		.ground_count = 1,
		.grounds = &ground,
		.grounds_lost = 9 };
	struct arena *arena = arena_new();
	struct octets body = { .at = NULL };
	struct octets framed = { .at = NULL };
	struct report out;

	(void)state;
	in.faults[FAULT_DER_TAG] = 3;
	ta.counters[REPORT_VRPS] = 4;
	ta.awaited = (struct report_awaited){ 2, awaited };
	wire_put_report(&body, &in);
	octets_u8(&framed, WIRE_REPORT);
	octets_run(&framed, octets_bytes(&body));
	keep("report", &framed);
	octets_clear(&framed);
	for (size_t len = 0; len < body.len; len++) {
		assert_false(
		    wire_read_report(&out, bytes_of(body.at, len), arena));
	}
	assert_true(wire_read_report(&out, octets_bytes(&body), arena));
	assert_int_equal(out.finished, -2);
	assert_int_equal(out.faults[FAULT_DER_TAG], 3);
	assert_int_equal(out.tas[0].counters[REPORT_VRPS], 4);
	assert_int_equal(out.grounds_lost, 9);
	assert_int_equal(out.grounds[0].state, POINT_CACHED);
	assert_true(out.grounds[0].coarse);
	assert_memory_equal(out.grounds[0].spans, spans, sizeof(spans));
	assert_true(out.tas[0].kept);
	assert_int_equal(out.tas[0].awaited.count, 2);
	assert_memory_equal(out.tas[0].awaited.spans, awaited, sizeof(awaited));
	assert_null(out.tas[0].uri);
	assert_int_equal(out.repositories[0].status, -1);
	assert_string_equal(out.repositories[0].detail, "no route");
	assert_string_equal(report_state_name(out.repositories[0].state),
	    "stale");
	assert_string_equal(report_counter_name(REPORT_VRPS), "vrps");
	assert_int_equal(out.findings[0].fault, FAULT_DER_TAG);
	assert_int_equal(out.findings[0].state, POINT_CACHED);
	assert_int_equal(out.findings_lost, 7);
	assert_int_equal(out.point_count, 2);
	assert_int_equal(out.points[1].name, 12);
	assert_int_equal(out.points[1].parent, 0);
	assert_int_equal(out.points[1].repository, UINT16_MAX);
	assert_int_equal(out.points[1].state, POINT_REJECTED);
	assert_int_equal(out.points_lost, 8);
	octets_reset(&body);
	points[1].parent = 1;
	wire_put_report(&body, &in);
	assert_false(wire_read_report(&out, octets_bytes(&body), arena));
	octets_reset(&body);
	points[1].parent = 0;
	finding.repository = 1;
	wire_put_report(&body, &in);
	assert_false(wire_read_report(&out, octets_bytes(&body), arena));
	octets_clear(&body);
	arena_free(arena);
}

static void
carries_small_messages(void **state)
{
	struct wire_progress p = { .points = 3,
		.fetch_count = 2,
		.fetches = { { REPO_RSYNC, -7, 0, "rsync://r/m/" },
		    { REPO_DELTAS, 5, 9, "https://r/n" } } };
	struct wire_seal s = { .kind = WIRE_SEAL_FINAL,
		.vrps = 9,
		.valid_until = -5,
		.complete = true };
	struct wire_inspect i = { .form = WIRE_INSPECT_JSON };
	struct wire_look look = { .name = "x.roa",
		.in_hand = true,
		.octets = bytes_of("ab", 2) };
	struct arena *arena = arena_new();
	struct octets body = { .at = NULL };

	(void)state;
	wire_put_progress(&body, &p);
	p = (struct wire_progress){ .points = 0 };
	assert_true(wire_read_progress(&p, octets_bytes(&body)));
	assert_int_equal(p.points, 3);
	assert_int_equal(p.fetch_count, 2);
	assert_int_equal(p.fetches[0].since, -7);
	assert_string_equal(p.fetches[0].uri, "rsync://r/m/");
	assert_int_equal(p.fetches[1].state, REPO_DELTAS);
	assert_int_equal(p.fetches[1].octets, 9);
	octets_reset(&body);
	wire_put_seal(&body, &s);
	s = (struct wire_seal){ .vrps = 0 };
	assert_true(wire_read_seal(&s, octets_bytes(&body)));
	assert_true(s.complete && s.vrps == 9 && s.valid_until == -5);
	assert_int_equal(s.kind, WIRE_SEAL_FINAL);
	body.at[0] = 2;
	assert_false(wire_read_seal(&s, octets_bytes(&body)));
	octets_reset(&body);
	wire_put_inspect(&body, &i);
	i = (struct wire_inspect){ .form = WIRE_INSPECT_TEXT };
	assert_true(wire_read_inspect(&i, octets_bytes(&body)));
	assert_int_equal(i.form, WIRE_INSPECT_JSON);
	octets_reset(&body);
	wire_put_look(&body, &look);
	look = (struct wire_look){ .name = NULL };
	assert_true(wire_read_look(&look, octets_bytes(&body), arena));
	assert_string_equal(look.name, "x.roa");
	assert_true(look.in_hand);
	assert_true(bytes_equal(look.octets, bytes_of("ab", 2)));
	octets_u8(&body, 0);
	assert_false(wire_read_look(&look, octets_bytes(&body), arena));
	octets_clear(&body);
	arena_free(arena);
}

static void
carries_a_policy(void **state)
{
	const char *hosts[] = { "r.example", "s.example" };
	struct policy_tal tal = { .name = "alpha",
		.origin = "built in",
		.text = bytes_of("abc", 3),
		.constraints = bytes_of("deny 1", 6),
		.constraints_origin = "alpha.constraints" };
	struct arena *arena = arena_new();
	struct octets body = { .at = NULL };
	struct policy in, out;

	(void)state;
	policy_init(&in);
	assert_true(in.update && in.rrdp && !in.strict);
	assert_int_equal(in.patience, 20);
	in.strict = true;
	in.at = 77;
	in.cache = "/var/cache/kedge";
	in.skip_hosts = (struct policy_list){ 2, hosts };
	in.tal_count = 1;
	in.tals = &tal;
	policy_encode(&body, &in);
	keep("policy", &body);
	for (size_t len = 0; len < body.len; len++) {
		assert_false(
		    policy_decode(&out, bytes_of(body.at, len), arena));
	}
	assert_true(policy_decode(&out, octets_bytes(&body), arena));
	assert_true(out.strict);
	assert_int_equal(out.at, 77);
	assert_string_equal(out.cache, "/var/cache/kedge");
	assert_null(out.rsync_command);
	assert_int_equal(out.skip_hosts.count, 2);
	assert_string_equal(out.skip_hosts.items[1], "s.example");
	assert_string_equal(out.tals[0].name, "alpha");
	assert_true(bytes_equal(out.tals[0].text, bytes_of("abc", 3)));
	assert_true(
	    bytes_equal(out.tals[0].constraints, bytes_of("deny 1", 6)));
	assert_string_equal(out.tals[0].constraints_origin,
	    "alpha.constraints");
	octets_reset(&body);
	in.stale = POLICY_ACCEPT + 1;
	policy_encode(&body, &in);
	assert_false(policy_decode(&out, octets_bytes(&body), arena));
	octets_clear(&body);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_a_whole_set),
		cmocka_unit_test(refuses_cut_frames),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(carries_a_report),
		cmocka_unit_test(carries_small_messages),
		cmocka_unit_test(carries_a_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
