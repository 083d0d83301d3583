/* SPDX-License-Identifier: BSD-2-Clause */
/* A delta packed and unpacked is the same delta, and leads to the same set. */
#include "payload/crate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/payload/make.h"

enum { RANGE = 40, ROUNDS = 300 };

static const uint32_t providers[] = { 7, 8, 9, 10 };

/* One of the many sets that differ a little from each other. */
static const struct snapshot *
set_of(unsigned seed)
{
	struct builder *builder = builder_new();
	static const uint8_t spki[4] = { 4, 3, 2, 1 };
	char uri[64];

	builder_ta(builder, seed % 2 == 0 ? "alpha" : "beta");
	builder_ta(builder, seed % 3 == 0 ? "gamma" : "alpha2");
	for (unsigned i = 0; i < RANGE; i++) {
		uint32_t source;

		seed = seed * 1103515245 + 12345;
		if (seed >> 30 == 0) {
			continue;
		}
		snprintf(uri, sizeof(uri), "rsync://r.example/%u/%u.roa", i % 7,
		    i);
		source = make_source(builder, i % 2, uri, 2000 + i);
		if (i % 4 == 0) {
			builder_router_key(builder,
			    &(struct router_key){ .asn = i,
				.spki = spki,
				.spki_len = 4 },
			    source);
		} else if (i % 4 == 1) {
			builder_aspa(builder,
			    &(struct aspa){ .customer = i,
				.count = 1 + (seed >> 16) % 4,
				.providers = providers },
			    source);
		} else {
			struct vrp vrp = make_vrp("10.0.0.0/8", 8 + i % 8, i);

			builder_vrp(builder, &vrp, source);
		}
	}
	return builder_seal(builder);
}

static void
assert_same_text(const struct snapshot *a, const struct snapshot *b)
{
	char *want = make_text(a);
	char *got = make_text(b);

	assert_string_equal(got, want);
	free(want);
	free(got);
}

/* Every item of `in` has in `out` a first source of the same TA and URI. */
static void
assert_same_sources(const struct snapshot *in, const struct snapshot *out)
{
	struct source_room a, b;

	for (unsigned k = 0; k < ITEM_KINDS; k++) {
		enum item_kind kind = (enum item_kind)k;

		for (size_t i = 0; i < snapshot_count(in, kind); i++) {
			assert_string_equal(snapshot_ta(in, kind, i),
			    snapshot_ta(out, kind, i));
			assert_string_equal(snapshot_source(in, kind, i, 0, &a)
						->uri,
			    snapshot_source(out, kind, i, 0, &b)->uri);
		}
	}
}

static void
leads_to_the_same_set(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct snapshot *from = set_of(round * 77);
		const struct snapshot *to = set_of(round * 91 + 1);
		const struct delta *delta = delta_new(from, to);
		const struct snapshot *news = NULL;
		const struct snapshot *made;
		const struct delta *again, *rest;
		struct octets o = { .at = NULL };

		crate_put(&o, delta, to);
		again = crate_read(octets_bytes(&o), &news);
		assert_non_null(again);
		made = crate_apply(from, again, news);
		assert_same_text(to, made);
		rest = delta_new(made, to);
		assert_true(delta_empty(rest));
		delta_put(rest);
		delta_put(again);
		delta_put(delta);
		snapshot_put(news);
		snapshot_put(made);
		snapshot_put(from);
		snapshot_put(to);
		octets_clear(&o);
	}
}

static void
brings_sources_along(void **state)
{
	struct builder *none = builder_new();
	const struct snapshot *empty = builder_seal(none);
	const struct snapshot *to = set_of(5);
	const struct delta *delta = delta_new(empty, to);
	const struct snapshot *news = NULL;
	const struct snapshot *made;
	const struct delta *again;
	struct octets o = { .at = NULL };

	(void)state;
	crate_put(&o, delta, to);
	again = crate_read(octets_bytes(&o), &news);
	made = crate_apply(empty, again, news);
	assert_same_sources(to, news);
	assert_same_sources(to, made);
	delta_put(again);
	delta_put(delta);
	snapshot_put(news);
	snapshot_put(made);
	snapshot_put(empty);
	snapshot_put(to);
	octets_clear(&o);
}

static void
refuses_cut_ones(void **state)
{
	const struct snapshot *from = set_of(1);
	const struct snapshot *to = set_of(2);
	const struct delta *delta = delta_new(from, to);
	struct octets o = { .at = NULL };

	(void)state;
	crate_put(&o, delta, NULL);
	for (size_t cut = 0; cut < o.len; cut++) {
		assert_null(crate_read(bytes_of(o.at, cut), NULL));
	}
	octets_u8(&o, 0);
	assert_null(crate_read(octets_bytes(&o), NULL));
	delta_put(delta);
	snapshot_put(from);
	snapshot_put(to);
	octets_clear(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leads_to_the_same_set),
		cmocka_unit_test(brings_sources_along),
		cmocka_unit_test(refuses_cut_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
