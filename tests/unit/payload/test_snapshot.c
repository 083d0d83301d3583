/* SPDX-License-Identifier: BSD-2-Clause */
/* Item, builder and snapshot together: what goes in, what is sealed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "payload/sheaf.h"
#include "tests/unit/payload/make.h"

static void
expect(const struct snapshot *snapshot, const char *text)
{
	char *got = make_text(snapshot);

	assert_string_equal(got, text);
	free(got);
}

static void
sorts_by_family_address_length_maxlen_asn(void **state)
{
	struct builder *builder = builder_new();
	const struct snapshot *snapshot;

	(void)state;
	builder_ta(builder, "alpha");
	make_add(builder, "2001:db8::/32", 48, 1);
	make_add(builder, "10.0.0.0/8", 24, 2);
	make_add(builder, "10.0.0.0/8", 24, 1);
	make_add(builder, "10.0.0.0/8", 9, 300);
	make_add(builder, "10.0.0.0/16", 16, 1);
	make_add(builder, "9.0.0.0/8", 8, 4294967295u);
	make_add(builder, "10.0.0.0/8", 24, 2);
	snapshot = builder_seal(builder);
	expect(snapshot,
	    "9.0.0.0/8-8 AS4294967295\n10.0.0.0/8-9 AS300\n"
	    "10.0.0.0/8-24 AS1\n10.0.0.0/8-24 AS2\n10.0.0.0/16-16 AS1\n"
	    "2001:db8::/32-48 AS1\n");
	assert_string_equal(snapshot_ta(snapshot, ITEM_VRP, 0), "alpha");
	assert_int_equal(snapshot_expires(snapshot, ITEM_VRP, 0), 2000);
	snapshot_put(snapshot);
}

static void
drops_what_is_not_sane(void **state)
{
	struct builder *builder = builder_new();
	const struct snapshot *snapshot;
	struct vrp vrp = make_vrp("10.0.0.0/8", 7, 1);
	uint32_t source = make_source(builder, 0, "rsync://a/b/c", 1);

	(void)state;
	builder_vrp(builder, &vrp, source);
	vrp.max_length = 33;
	builder_vrp(builder, &vrp, source);
	vrp.max_length = 8;
	vrp.prefix.address[1] = 1;
	builder_vrp(builder, &vrp, source);
	vrp.prefix.address[1] = 0;
	vrp.prefix.family = 3;
	builder_vrp(builder, &vrp, source);
	builder_router_key(builder, &(struct router_key){ .asn = 1 }, source);
	builder_aspa(builder, &(struct aspa){ .customer = 1 }, source);
	snapshot = builder_seal(builder);
	expect(snapshot, "");
	assert_int_equal(snapshot_insane(snapshot), 6);
	snapshot_put(snapshot);
}

static const struct snapshot *
three_sources(unsigned turn)
{
	static const struct {
		uint16_t ta;
		const char *uri;
		int64_t expires;
	} rows[] = {
		{ 1, "rsync://r.example/m/a.roa", 50 },
		{ 0, "rsync://r.example/m/b.roa", 70 },
		{ 0, "rsync://r.example/m/a.roa", 60 },
	};
	struct builder *builder = builder_new();
	struct vrp vrp = make_vrp("10.0.0.0/8", 8, 1);

	builder_ta(builder, "alpha");
	builder_ta(builder, "beta");
	for (unsigned i = 0; i < 3; i++) {
		unsigned row = (i + turn) % 3;
		uint32_t source = make_source(builder, rows[row].ta,
		    rows[row].uri, rows[row].expires);

		builder_vrp(builder, &vrp, source);
		builder_vrp(builder, &vrp, source);
		builder_aspa(builder,
		    &(struct aspa){ .customer = 7,
			.count = 1,
			.providers = &(uint32_t){ row } },
		    source);
	}
	return builder_seal(builder);
}

static void
keeps_sources_in_an_order_of_their_own(void **state)
{
	struct source_room room;

	(void)state;
	for (unsigned turn = 0; turn < 3; turn++) {
		const struct snapshot *s = three_sources(turn);

		assert_int_equal(snapshot_vrps(s), 1);
		assert_int_equal(snapshot_sources(s, ITEM_VRP, 0), 3);
		assert_string_equal(snapshot_source(s, ITEM_VRP, 0, 0, &room)
					->uri,
		    "rsync://r.example/m/a.roa");
		assert_int_equal(room.source.ta, 0);
		assert_int_equal(room.source.not_before, 1000);
		assert_int_equal(room.source.chain_not_before, 900);
		assert_int_equal(room.source.chain_not_after, 4000);
		assert_int_equal(room.source.stale, 60);
		assert_string_equal(snapshot_source(s, ITEM_VRP, 0, 1, &room)
					->uri,
		    "rsync://r.example/m/b.roa");
		assert_int_equal(snapshot_source(s, ITEM_VRP, 0, 2, &room)->ta,
		    1);
		/* The latest for a VRP, the earliest for a union. */
		assert_int_equal(snapshot_expires(s, ITEM_VRP, 0), 70);
		assert_int_equal(snapshot_expires(s, ITEM_ASPA, 0), 50);
		expect(s, "10.0.0.0/8-8 AS1\naspa 7: 1 2\n");
		snapshot_put(s);
	}
}

static void
add_aspa(struct builder *builder, uint32_t customer, uint32_t first,
    uint32_t count)
{
	uint32_t *providers = mem_zero(count, sizeof(*providers));
	uint32_t source = make_source(builder, 0, "rsync://r/m/x.asa", 9);

	for (uint32_t i = 0; i < count; i++) {
		providers[i] = first + i;
	}
	builder_aspa(builder,
	    &(struct aspa){ .customer = customer,
		.count = count,
		.providers = providers },
	    source);
	free(providers);
}

static void
unites_aspas_up_to_the_ceiling(void **state)
{
	struct builder *builder = builder_new();
	const struct snapshot *snapshot;

	(void)state;
	add_aspa(builder, 64500, 5, 2);
	add_aspa(builder, 64500, 0, 1);
	add_aspa(builder, 64500, 4, 2);
	add_aspa(builder, 64499, 0, 1);
	add_aspa(builder, 64501, 100, LIMIT_ASPA_PROVIDERS);
	add_aspa(builder, 64501, 99, 1);
	add_aspa(builder, 64502, 0, 1);
	add_aspa(builder, 64502, 1, LIMIT_ASPA_PROVIDERS);
	snapshot = builder_seal(builder);
	assert_int_equal(snapshot_aspas(snapshot), 3);
	assert_int_equal(snapshot_large_aspas(snapshot), 1);
	assert_int_equal(snapshot_aspa(snapshot, 0)->customer, 64499);
	assert_int_equal(snapshot_aspa(snapshot, 0)->count, 1);
	assert_int_equal(snapshot_aspa(snapshot, 0)->providers[0], 0);
	assert_int_equal(snapshot_aspa(snapshot, 1)->count, 3);
	assert_int_equal(snapshot_aspa(snapshot, 1)->providers[0], 4);
	assert_int_equal(snapshot_aspa(snapshot, 1)->providers[2], 6);
	/* AS0 does not count where it is dropped. */
	assert_int_equal(snapshot_aspa(snapshot, 2)->count,
	    LIMIT_ASPA_PROVIDERS);
	snapshot_put(snapshot);
}

static void
merges_router_keys(void **state)
{
	struct builder *builder = builder_new();
	const struct snapshot *snapshot;
	uint8_t spki[91] = { 0x30 };
	struct router_key key = { .asn = 2, .spki = spki, .spki_len = 91 };
	uint32_t source = make_source(builder, 0, "rsync://r/m/x.cer", 9);

	(void)state;
	key.ski.at[0] = 0xaa;
	builder_router_key(builder, &key, source);
	spki[90] = 1;
	builder_router_key(builder, &key, source);
	builder_router_key(builder, &key, source);
	key.asn = 1;
	builder_router_key(builder, &key, source);
	memset(spki, 0xff, sizeof(spki));
	snapshot = builder_seal(builder);
	expect(snapshot, "key AS1 aa.. 91\nkey AS2 aa.. 91\nkey AS2 aa.. 91\n");
	assert_int_equal(snapshot_router_key(snapshot, 1)->spki[0], 0x30);
	assert_int_equal(snapshot_router_key(snapshot, 1)->spki[90], 0);
	snapshot_put(snapshot_get(snapshot));
	snapshot_put(snapshot);
	snapshot_put(NULL);
}

/* Numbers that look random and are the same each time. */
static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void
sorts_as_comparing_does(void **state)
{
	enum { COUNT = 20000 };
	struct sheaf sheaf = { .count = 0 };
	struct vrp first = { .asn = 0 };
	uint32_t seed = 1;
	uint64_t sum = 0;

	(void)state;
	sheaf_sort(&sheaf);
	for (uint32_t i = 0; i < COUNT; i++) {
		bool six = next(&seed) % 3 == 0;
		struct vrp vrp = { .asn = 0 };

		vrp.prefix.family = six ? IP_V6 : IP_V4;
		for (unsigned at = 0; at < (six ? 6u : 2u); at++) {
			vrp.prefix.address[at] = next(&seed) % 4;
		}
		vrp.prefix.length = (uint8_t)(16 + next(&seed) % 3);
		vrp.max_length = (uint8_t)(24 + next(&seed) % 3);
		vrp.asn = next(&seed) << (next(&seed) % 8);
		if (i == 0) {
			first = vrp;
		} else if (i % 8 == 0) {
			vrp = first; /* many the same */
		}
		sheaf_add(&sheaf, &vrp, vrp.asn ^ vrp.max_length);
		sum += vrp.asn ^ vrp.max_length;
	}
	sheaf_sort(&sheaf);
	assert_int_equal(sheaf.count, COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		const struct vrp *vrp = &sheaf.vrps[i];

		assert_true(i == 0 || item_vrp_compare(vrp - 1, vrp) <= 0);
		assert_int_equal(sheaf.sources[i], vrp->asn ^ vrp->max_length);
		sum -= sheaf.sources[i];
	}
	assert_int_equal(sum, 0);
	sheaf_clear(&sheaf);
}

static void
gives_back_odd_sources_as_they_were(void **state)
{
	struct source odd = {
		.kind = SOURCE_EXCEPTION,
		.ta = SOURCE_NO_TA,
		.repository = 65535,
		.uri = "/etc/kedge/local.slurm",
		.comment = "because",
		.not_before = INT64_MIN,
		.not_after = INT64_MAX,
		.stale = -1,
		.expires = INT64_MAX,
	};
	char path[6000];
	struct sources *sources = sources_new();
	struct source_room room;
	const struct source *got;

	(void)state;
	sources_add(sources, &odd);
	memset(path, 'a', sizeof(path));
	path[10] = '/';
	path[sizeof(path) - 1] = 0;
	odd.kind = SOURCE_ROA;
	odd.uri = path;
	odd.comment = NULL;
	odd.kept = odd.held = true;
	odd.object.at[31] = 1;
	sources_add(sources, &odd);
	sources_seal(sources);
	got = sources_get(sources, 0, &room);
	assert_string_equal(got->uri, "/etc/kedge/local.slurm");
	assert_string_equal(got->comment, "because");
	assert_false(got->kept || got->held);
	assert_true(
	    got->not_before == INT64_MIN && got->not_after == INT64_MAX);
	assert_true(got->stale == -1 && got->expires == INT64_MAX);
	assert_int_equal(got->ta, SOURCE_NO_TA);
	assert_int_equal(got->repository, 65535);
	got = sources_get(sources, 1, &room);
	assert_string_equal(got->uri, path);
	assert_null(got->comment);
	assert_true(got->kept && got->held);
	assert_int_equal(got->object.at[31], 1);
	sources_put(sources);
}

static uint32_t
add_named(struct sources *sources, const char *uri)
{
	struct source source = { .kind = SOURCE_ROA, .uri = uri };

	return sources_add(sources, &source);
}

static void
assert_named(const struct sources *sources, uint32_t number, const char *uri)
{
	struct source_room room;

	assert_string_equal(sources_get(sources, number, &room)->uri, uri);
}

static void
extends_a_book_without_a_copy(void **state)
{
	struct sources *first = sources_new();
	struct sources *second, *third, *fourth;

	(void)state;
	assert_int_equal(add_named(first, "rsync://a/x/1.roa"), 0);
	assert_int_equal(add_named(first, "rsync://a/x/2.roa"), 1);
	sources_seal(first);
	second = sources_extend(first);
	sources_seal(second);
	assert_int_equal(sources_octets(second), 0);
	/* One that added nothing is not kept for the sake of the next. */
	third = sources_extend(second);
	sources_put(second);
	assert_int_equal(add_named(third, "rsync://a/x/3.roa"), 2);
	assert_int_equal(add_named(third, "rsync://b/y/4.roa"), 3);
	sources_seal(third);
	assert_int_equal(sources_count(first), 2);
	sources_put(first);
	fourth = sources_extend(third);
	assert_int_equal(add_named(fourth, "rsync://a/x/1.roa"), 4);
	sources_seal(fourth);
	sources_put(third);
	assert_int_equal(sources_count(fourth), 5);
	assert_named(fourth, 0, "rsync://a/x/1.roa");
	assert_named(fourth, 1, "rsync://a/x/2.roa");
	assert_named(fourth, 2, "rsync://a/x/3.roa");
	assert_named(fourth, 3, "rsync://b/y/4.roa");
	assert_named(fourth, 4, "rsync://a/x/1.roa");
	assert_int_equal(sources_compare(fourth, 0, 4), 0);
	assert_true(sources_compare(fourth, 1, 2) < 0);
	sources_put(fourth);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_by_family_address_length_maxlen_asn),
		cmocka_unit_test(drops_what_is_not_sane),
		cmocka_unit_test(keeps_sources_in_an_order_of_their_own),
		cmocka_unit_test(extends_a_book_without_a_copy),
		cmocka_unit_test(unites_aspas_up_to_the_ceiling),
		cmocka_unit_test(merges_router_keys),
		cmocka_unit_test(sorts_as_comparing_does),
		cmocka_unit_test(gives_back_odd_sources_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
