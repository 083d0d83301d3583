/* SPDX-License-Identifier: BSD-2-Clause */
/* What an answer was given comes back; damaged octets never do harm. */
#include "validator/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
write_one(struct octets *out)
{
	static const uint32_t providers[] = { 64497, 64498 };
	static const uint8_t spki[] = { 1, 2, 3 };
	struct answer_head head = { .state = ANSWER_KEPT,
		.this_update = 10,
		.next_update = 20,
		.stale = 15,
		.from = -5,
		.until = INT64_MAX,
		.signatures = 7 };

	head.number[19] = 9;
	answer_begin(out);
	answer_finding(out, &(struct answer_finding){ .fault = FAULT_ROA_MAXLEN,
				.uri = "rsync://r.example/m/x.roa" });
	answer_source(out, &(struct answer_source){ .kind = SOURCE_ROA,
			       .uri = "rsync://r.example/m/y.roa",
			       .not_before = 1,
			       .not_after = 2 });
	answer_vrp(out, &(struct vrp){ .prefix = { .address = { 10, 64 },
					   .family = IP_V4,
					   .length = 10 },
			    .max_length = 24,
			    .asn = 64496 });
	answer_router_key(out,
	    &(struct router_key){ .asn = 64499, .spki = spki, .spki_len = 3 });
	answer_aspa(out, 64496, providers, 2);
	answer_count(out, REPORT_VALID_ROAS, 3);
	answer_end(out, &head);
}

static void
test_round(void **state)
{
	struct arena *arena = arena_new();
	struct octets o = { 0 };
	struct answer_reader reader;
	struct answer_head head;
	struct answer_item item;

	(void)state;
	write_one(&o);
	assert_true(answer_open(&reader, &head, octets_bytes(&o), arena));
	assert_int_equal(head.state, ANSWER_KEPT);
	assert_int_equal(head.from, -5);
	assert_int_equal(head.number[19], 9);
	assert_int_equal(head.signatures, 7);
	assert_true(answer_next(&reader, &item));
	assert_int_equal(item.finding.fault, FAULT_ROA_MAXLEN);
	assert_null(item.finding.detail);
	assert_true(answer_next(&reader, &item));
	assert_string_equal(item.source.uri, "rsync://r.example/m/y.roa");
	assert_true(answer_next(&reader, &item));
	assert_int_equal(item.vrp.prefix.address[1], 64);
	assert_int_equal(item.vrp.max_length, 24);
	assert_true(answer_next(&reader, &item));
	assert_int_equal(item.router_key.spki_len, 3);
	assert_true(answer_next(&reader, &item));
	assert_int_equal(item.aspa.count, 2);
	assert_int_equal(item.aspa.providers[1], 64498);
	assert_true(answer_next(&reader, &item));
	assert_int_equal(item.count.n, 3);
	assert_false(answer_next(&reader, &item));
	assert_false(reader.at.bad);
	octets_clear(&o);
	arena_free(arena);
}

/* Every truncation and every flipped bit: read to the end, no harm. */
static void
test_damage(void **state)
{
	struct octets o = { 0 };

	(void)state;
	write_one(&o);
	for (size_t i = 0; i < o.len * 9; i++) {
		struct arena *arena = arena_new();
		size_t at = i / 9;
		unsigned bit = i % 9;
		struct answer_reader reader;
		struct answer_head head;
		struct answer_item item;
		uint8_t *copy = arena_zero(arena, 1, o.len);
		size_t len = bit == 8 ? at : o.len;

		memcpy(copy, o.at, o.len);
		if (bit < 8) {
			copy[at] ^= (uint8_t)(1u << bit);
		}
		if (answer_open(&reader, &head, bytes_of(copy, len), arena)) {
			while (answer_next(&reader, &item)) {
			}
			assert_true(bit < 8 || reader.at.bad);
		}
		arena_free(arena);
	}
	octets_clear(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
