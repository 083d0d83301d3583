/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-1-3 by the known answers, in one piece and in many. */
#include "base/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	size_t length; /* octets 0, 1, 2, ... */
	uint64_t sum;
} rows[] = {
	{ 0, 0xabac0158050fc4dc },
	{ 1, 0xc9f49bf37d57ca93 },
	{ 7, 0xd3927d989bb11140 },
	{ 8, 0x369095118d299a8e },
	{ 9, 0x25a48eb36c063de4 },
	{ 15, 0xd320d86d2a519956 },
	{ 16, 0xcc4fdd1a7d908b66 },
	{ 63, 0x9d199062b7bbb3a8 },
};

static uint64_t
in_pieces(struct bytes whole, size_t piece)
{
	struct checksum sum;

	checksum_begin(&sum, 0);
	while (whole.len > 0) {
		size_t n = whole.len < piece ? whole.len : piece;

		checksum_add(&sum, bytes_of(whole.at, n));
		whole = bytes_of(whole.at + n, whole.len - n);
	}
	return checksum_end(&sum);
}

static void
test_known(void **state)
{
	uint8_t octets[64];

	(void)state;
	for (unsigned i = 0; i < sizeof(octets); i++) {
		octets[i] = (uint8_t)i;
	}
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		struct bytes whole = bytes_of(octets, rows[r].length);

		assert_true(checksum_of(0, whole) == rows[r].sum);
		for (size_t piece = 1; piece <= whole.len; piece++) {
			assert_true(in_pieces(whole, piece) == rows[r].sum);
		}
	}
}

static void
test_apart(void **state)
{
	static const uint8_t octets[] = "the same octets";
	struct bytes all = bytes_of(octets, sizeof(octets));

	(void)state;
	assert_int_not_equal(checksum_of(0, all), checksum_of(1, all));
	assert_int_not_equal(checksum_of(1, all), checksum_of(2, all));
	assert_int_not_equal(checksum_of(1, all),
	    checksum_of(1, bytes_of(octets, sizeof(octets) - 1)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
